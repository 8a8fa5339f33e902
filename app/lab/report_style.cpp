#include "app/lab/report_style.h"

namespace zscape {

const std::string_view kReportStyle = R"css(/* // not for people
*/
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --soft: #5b6470; --line: #d9dee4; --panel: #f5f7f9;
  --link: #0b5cad; --confirmed: #1a7f37; --refuted: #b42318; --undecided: #8a5a00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e3e7eb; --soft: #9aa5b1; --line: #323943; --panel: #1c2127;
    --link: #7ab7ff; --confirmed: #4cc36f; --refuted: #ff8177; --undecided: #e0ac4a;
  }
  figure img { filter: invert(1) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem;
  font: 1rem/1.55 Inter, system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 2.75rem 0 .75rem; }
p { max-width: 44rem; margin: .5rem 0; }
.soft, .about, figcaption, caption, th small { color: var(--soft); }
.about { margin-bottom: 1.5rem; }
a { color: var(--link); }
code, pre { font: .875em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre {
  background: var(--panel); border: 1px solid var(--line); border-radius: .375rem;
  padding: .75rem 1rem; white-space: pre-wrap;
}
.claim {
  border: 1px solid var(--line); border-left: .3rem solid var(--verdict); border-radius: .375rem;
  background: var(--panel); padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid;
}
.claim.confirmed { --verdict: var(--confirmed); }
.claim.refuted { --verdict: var(--refuted); }
.claim.undecided { --verdict: var(--undecided); }
.claim h3 { font-size: 1rem; margin: 0; }
.claim .verdict { color: var(--verdict); font-weight: 700; margin: 0 0 .25rem; }
.claim p, .claim ul { margin: .25rem 0; max-width: none; }
.notice { border-left: .3rem solid var(--undecided); padding: .25rem 1rem; background: var(--panel); }
figure { margin: 1.5rem 0; break-inside: avoid; overflow-x: auto; }
figure img { display: block; width: 100%; min-width: 20rem; max-width: 44rem; height: auto; }
figcaption, caption { font-size: .875rem; text-align: left; padding: .375rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td {
  padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; overflow-wrap: normal;
  border-bottom: 1px solid var(--line);
}
thead th { vertical-align: bottom; border-bottom: 2px solid var(--soft); }
th small { display: block; font-weight: 400; }
th.number, td.number { text-align: right; padding: .3rem 0 .3rem 1rem; }
td.number { white-space: nowrap; }
dl { margin: 0; font-size: .9375rem; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0; }
@media (min-width: 40rem) {
  dl { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; column-gap: 1.5rem; row-gap: .3rem; }
  dt { margin: 0; }
}
@media print {
  @page { margin: 16mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, caption { break-after: avoid; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  table { font-size: 8pt; }
  td.number { white-space: normal; }
  .scroll, figure { overflow: visible; }
  figure img { min-width: 0; width: auto; max-width: 12.5cm; max-height: 22cm; }
  a { color: inherit; text-decoration: none; }
}
)css";

}  // namespace zscape

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zscape {

// Text as a page shows it, in an attribute too: nothing in it is markup. What is no character of
// HTML (stray bytes, control characters) becomes U+FFFD.
std::string escaped_html(std::string_view text);

// Writes an HTML page. It escapes every text and every attribute's value, so that no caller can
// forget to; names of elements and attributes, and the style sheet, are the program's own.
class HtmlWriter {
 public:
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  HtmlWriter();  // begins with the doctype
  HtmlWriter& open(std::string_view element, const Attributes& attributes = {});
  HtmlWriter& close();  // the innermost open element
  HtmlWriter& text(std::string_view text);
  // An element that holds nothing but this text.
  HtmlWriter& add(std::string_view element, std::string_view text,
                  const Attributes& attributes = {});
  // An element without content: meta, img, br.
  HtmlWriter& add_void(std::string_view element, const Attributes& attributes = {});
  HtmlWriter& style(std::string_view css);

  std::string take();  // closes what is open

 private:
  void begin(std::string_view element, const Attributes& attributes);

  std::string page_;
  std::vector<std::string> open_;
};

}  // namespace zscape

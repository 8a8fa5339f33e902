#include "engine/lab/claim.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A quantity for each seed, or a constant.
struct Series {
  bool is_constant = false;
  double constant = 0;
  std::map<std::uint64_t, double> values = {};
  std::string reason = {};  // why it is not known; empty: it is
  std::string text = {};    // what it is, for people
};

// What a judgement needs in order to be one of many.
struct Weighed {
  Judgement judgement;
  double margin = 0;  // how many half widths the difference is from its limit; decided: above 1
};

LabPlace joined(LabPlace place, const LabPlace& more) {
  place.insert(place.end(), more.begin(), more.end());
  return place;
}

std::string number_text(double value) {
  return fmt::format("{:.4g}", value);
}

class Judge {
 public:
  explicit Judge(const LabTable& table) : table_(table) {}

  Weighed judge(const Predicate& predicate, const LabPlace& bound) const {
    using Kind = Predicate::Kind;
    switch (predicate.kind) {
      case Kind::less: {
        const Series first = series(predicate.quantities[0], bound);
        return less(first, series(predicate.quantities[1], bound), predicate.amount);
      }
      case Kind::near: {
        const Series first = series(predicate.quantities[0], bound);
        return near(first, series(predicate.quantities[1], bound), predicate.amount);
      }
      case Kind::rises:
      case Kind::falls:
        return monotone(predicate, bound);
      case Kind::all:
      case Kind::any: {
        std::vector<Weighed> parts;
        for (const Predicate& part : predicate.parts) parts.push_back(judge(part, bound));
        return predicate.kind == Kind::all ? all_of(parts) : any_of(parts);
      }
      case Kind::negation:
        return negated(judge(predicate.parts[0], bound));
      case Kind::for_each:
        return for_each(predicate, bound);
    }
    return {};
  }

  Series series(const Quantity& quantity, const LabPlace& bound) const {
    using Kind = Quantity::Kind;
    switch (quantity.kind) {
      case Kind::number:
        return {.is_constant = true,
                .constant = quantity.number,
                .text = fmt::format("{}", quantity.number)};
      case Kind::figure:
        return figure(quantity.of, in_order(joined(quantity.where, bound)));
      case Kind::minus:
      case Kind::over: {
        const Series first = series(quantity.parts[0], bound);
        const Series second = series(quantity.parts[1], bound);
        if (quantity.kind == Kind::minus) {
          return combined(
              first, second, [](double a, double b) { return a - b; },
              tr("({} − {})", first.text, second.text));
        }
        return combined(
            first, second, [](double a, double b) { return a / b; },
            tr("({} / {})", first.text, second.text));
      }
      case Kind::log: {
        const Series inside = series(quantity.parts[0], bound);
        return combined(
            inside, {.is_constant = true}, [](double a, double) { return std::log(a); },
            tr("ln {}", inside.text));
      }
      case Kind::best:
        return best(quantity, bound);
    }
    return {};
  }

  // The difference of two, seed by seed.
  static Series difference(const Series& first, const Series& second) {
    return combined(
        first, second, [](double a, double b) { return a - b; }, "");
  }

 private:
  // The order of the axes, so that sentences name places as the table does.
  LabPlace in_order(const LabPlace& place) const {
    LabPlace sorted;
    for (const LabAxis& axis : table_.experiment.axes) {
      const auto found = std::ranges::find(place, axis.name, &AxisPlace::axis);
      if (found != place.end()) sorted.push_back(*found);
    }
    return sorted;
  }

  // A place in words: axes with one value alone say nothing.
  std::string words(const LabPlace& place) const {
    LabPlace telling;
    for (const AxisPlace& each : place) {
      if (table_.experiment.axis(each.axis)->values.size() > 1) telling.push_back(each);
    }
    return telling.empty() ? "" : place_text(telling);
  }

  bool is_run(const std::string& axis_name, const std::string& value) const {
    const LabAxis& axis = *table_.experiment.axis(axis_name);
    return std::ranges::any_of(axis.chosen,
                               [&](std::size_t i) { return axis.values[i].label == value; });
  }

  Series figure(const std::string& column, const LabPlace& place) const {
    const std::string where = words(place);
    Series made;
    made.text = where.empty() ? column : tr("{} at {}", column, where);
    const auto values = values_at(table_, place, column);
    if (values.empty()) {
      made.reason = tr("{} is no part of this lab", made.text);
      return made;
    }
    for (const SeedValue& value : values) {
      if (!std::isfinite(value.value)) {
        made.reason = why_absent(column, place, value.seed, made.text);
        return made;
      }
      made.values[value.seed] = value.value;
    }
    return made;
  }

  std::string why_absent(const std::string& column, const LabPlace& place, std::uint64_t seed,
                         const std::string& text) const {
    const auto run = std::ranges::find_if(table_.runs, [&](const LabTableRun& each) {
      return each.seed == seed && std::ranges::all_of(place, [&](const AxisPlace& wanted) {
               return std::ranges::find(each.axes, wanted) != each.axes.end();
             });
    });
    if (run == table_.runs.end() || !run->result) {
      return tr("{}: the run of seed {} is missing", text, seed);
    }
    const LabResult& result = table_.results[*run->result];
    if (!result.error.empty()) {
      return tr("{}: the run of seed {} failed ({})", text, seed, result.error);
    }
    return tr("{}: the run of seed {} has no finite {}", text, seed, column);
  }

  template <class Operation>
  static Series combined(const Series& first, const Series& second, Operation operation,
                         std::string text) {
    Series made{.text = std::move(text)};
    made.reason = first.reason.empty() ? second.reason : first.reason;
    if (!made.reason.empty()) return made;
    if (first.is_constant && second.is_constant) {
      made.is_constant = true;
      made.constant = operation(first.constant, second.constant);
      if (!std::isfinite(made.constant)) made.reason = tr("{} is no finite number", made.text);
      return made;
    }
    const auto& seeds = first.is_constant ? second.values : first.values;
    for (const auto& [seed, unused] : seeds) {
      const auto of = [seed = seed](const Series& series) -> std::optional<double> {
        if (series.is_constant) return series.constant;
        const auto found = series.values.find(seed);
        return found == series.values.end() ? std::nullopt : std::optional(found->second);
      };
      const auto a = of(first), b = of(second);
      if (!a || !b) continue;  // of the seeds that both have
      const double value = operation(*a, *b);
      if (!std::isfinite(value)) {
        made.reason = tr("{} is no finite number at seed {}", made.text, seed);
        return made;
      }
      made.values[seed] = value;
    }
    if (made.values.empty()) {
      made.reason = tr("{} and {} have no seed in common", first.text, second.text);
    }
    return made;
  }

  // Where along an axis a figure is largest or smallest, for each seed.
  Series best(const Quantity& quantity, const LabPlace& bound) const {
    const LabAxis& axis = *table_.experiment.axis(quantity.along);
    Series made;
    made.text = quantity.largest ? tr("the {} with the largest {}", quantity.along, quantity.of)
                                 : tr("the {} with the smallest {}", quantity.along, quantity.of);
    const std::string where = words(in_order(joined(quantity.where, bound)));
    if (!where.empty()) made.text = tr("{} at {}", made.text, where);
    std::map<std::uint64_t, double> extremes;
    for (const std::size_t i : axis.chosen) {
      const AxisValue& value = axis.values[i];
      LabPlace place = joined(quantity.where, bound);
      place.push_back({axis.name, value.label});
      const Series at = figure(quantity.of, in_order(place));
      if (at.values.empty() && !at.reason.empty()) {
        made.reason = at.reason;
        return made;
      }
      for (const auto& [seed, each] : at.values) {
        const auto [extreme, is_first] = extremes.try_emplace(seed, each);
        const bool is_better = quantity.largest ? each > extreme->second : each < extreme->second;
        if (!is_first && !is_better) continue;
        extreme->second = each;
        made.values[seed] = *value.number;
      }
    }
    return made;
  }

  static Weighed undecided(std::string why) { return {{Finding::undecided, std::move(why)}, 0}; }

  // How far a difference lies from a limit, in half widths of its 95 % interval.
  struct Distance {
    double mean = 0, half_width = 0;
    int seeds = 0;
  };

  static Expected<Distance> distance(const Series& series) {
    if (!series.reason.empty()) return fail(series.reason);
    if (series.is_constant) return Distance{series.constant, 0, 0};
    std::vector<double> values;
    for (const auto& [seed, value] : series.values) values.push_back(value);
    const LabMean mean = mean_of(values);
    if (mean.seeds < 2) {
      return fail(tr("a single seed has no error bar; run more with --seeds"));
    }
    return Distance{mean.mean, student_t(mean.seeds - 1) * mean.standard_error, mean.seeds};
  }

  static std::string spread_text(const Distance& of) {
    if (of.seeds == 0) return number_text(of.mean);
    return tr("{} ± {:.2g}", number_text(of.mean), of.half_width);
  }

  static double margin_of(double beyond, double half_width) {
    if (half_width > 0) return std::abs(beyond) / half_width;
    return beyond == 0 ? 0 : kInfinity;
  }

  // A quantity with its mean: "mse at latent 2 (0.04)".
  static std::string with_mean(const Series& series) {
    if (series.is_constant) return series.text;
    double sum = 0;
    for (const auto& [seed, value] : series.values) sum += value;
    return tr("{} ({})", series.text, number_text(sum / static_cast<double>(series.values.size())));
  }

  // first + by < second
  static Weighed less(const Series& first, const Series& second, double by) {
    const auto found = distance(difference(second, first));
    if (!found) return undecided(tr("Undecided: {}.", found.error().message));
    const double beyond = found->mean - by;
    const double margin = margin_of(beyond, found->half_width);
    const std::string one = with_mean(first), other = with_mean(second);
    const std::string difference_text = spread_text(*found);
    if (beyond > found->half_width) {
      return {{Finding::confirmed,
               by > 0 ? tr("{} is below {} by {}, more than {}.", one, other, difference_text, by)
                      : tr("{} is below {} by {}.", one, other, difference_text)},
              margin};
    }
    if (-beyond > found->half_width || found->half_width == 0) {
      return {{Finding::refuted, by > 0 ? tr("{} is not below {} by {}: the difference is {}.", one,
                                             other, by, difference_text)
                                        : tr("{} is not below {}: the difference is {}.", one,
                                             other, difference_text)},
              margin};
    }
    return {{Finding::undecided,
             tr("Undecided whether {} is below {}: the difference of {} over {} seeds is too close "
                "to {}; more seeds may tell.",
                one, other, difference_text, found->seeds, by)},
            margin};
  }

  // |first − second| < within
  static Weighed near(const Series& first, const Series& second, double within) {
    const auto found = distance(difference(first, second));
    if (!found) return undecided(tr("Undecided: {}.", found.error().message));
    const double away = std::abs(found->mean);
    const double margin = margin_of(within - away, found->half_width);
    const std::string one = with_mean(first), other = with_mean(second);
    const std::string difference_text = spread_text(*found);
    if (away + found->half_width < within) {
      return {{Finding::confirmed,
               tr("{} and {} differ by {}, less than {}.", one, other, difference_text, within)},
              margin};
    }
    if (away - found->half_width > within || found->half_width == 0) {
      return {{Finding::refuted,
               tr("{} and {} differ by {}, more than {}.", one, other, difference_text, within)},
              margin};
    }
    return {{Finding::undecided,
             tr("Undecided whether {} and {} differ by less than {}: by {} over {} seeds; more "
                "seeds may tell.",
                one, other, within, difference_text, found->seeds)},
            margin};
  }

  Weighed monotone(const Predicate& predicate, const LabPlace& bound) const {
    const LabAxis& axis = *table_.experiment.axis(predicate.along);
    std::vector<Series> all;
    for (const std::size_t i : axis.chosen) {
      LabPlace place = joined(predicate.where, bound);
      place.push_back({axis.name, axis.values[i].label});
      all.push_back(figure(predicate.of, in_order(place)));
    }
    if (all.size() < 2) {
      return undecided(tr("Undecided: of {} only one value is part of this lab.", axis.name));
    }
    std::vector<Weighed> steps;
    for (std::size_t i = 1; i < all.size(); ++i) {
      const bool rises = predicate.kind == Predicate::Kind::rises;
      steps.push_back(
          less(rises ? all[i - 1] : all[i], rises ? all[i] : all[i - 1], predicate.amount));
    }
    return all_of(steps);
  }

  Weighed for_each(const Predicate& predicate, const LabPlace& bound) const {
    std::vector<LabPlace> places = {bound};
    for (const auto& [axis, values] : predicate.values) {
      std::vector<LabPlace> longer;
      for (const LabPlace& place : places) {
        for (const std::string& value : values) {
          if (is_run(axis, value)) longer.push_back(joined(place, {{axis, value}}));
        }
      }
      if (longer.empty()) {
        return undecided(
            tr("Undecided: none of the named values of {} is part of this lab.", axis));
      }
      places = std::move(longer);
    }
    std::vector<Weighed> all;
    for (const LabPlace& place : places) all.push_back(judge(predicate.parts[0], place));
    return all_of(all);
  }

  static Weighed negated(Weighed of) {
    if (of.judgement.finding == Finding::undecided) return of;
    const bool held = of.judgement.finding == Finding::confirmed;
    of.judgement.finding = held ? Finding::refuted : Finding::confirmed;
    return of;
  }

  // The one that decides: the first of this finding, or the closest call.
  static const Weighed* closest(const std::vector<Weighed>& parts, Finding finding) {
    const Weighed* found = nullptr;
    for (const Weighed& part : parts) {
      if (part.judgement.finding != finding) continue;
      if (found == nullptr || part.margin < found->margin) found = &part;
    }
    return found;
  }
  static const Weighed* clearest(const std::vector<Weighed>& parts, Finding finding) {
    const Weighed* found = nullptr;
    for (const Weighed& part : parts) {
      if (part.judgement.finding != finding) continue;
      if (found == nullptr || part.margin > found->margin) found = &part;
    }
    return found;
  }

  static Weighed all_of(const std::vector<Weighed>& parts) {
    if (const Weighed* against = clearest(parts, Finding::refuted)) return *against;
    if (const Weighed* open = closest(parts, Finding::undecided)) return *open;
    Weighed hardest = *closest(parts, Finding::confirmed);
    if (parts.size() > 1) {
      hardest.judgement.sentence = tr("All {} comparisons hold; the closest one: {}", parts.size(),
                                      hardest.judgement.sentence);
    }
    return hardest;
  }

  static Weighed any_of(const std::vector<Weighed>& parts) {
    if (const Weighed* one = clearest(parts, Finding::confirmed)) return *one;
    if (const Weighed* open = closest(parts, Finding::undecided)) return *open;
    Weighed nearest = *closest(parts, Finding::refuted);
    if (parts.size() > 1) {
      nearest.judgement.sentence = tr("None of {} comparisons holds; the closest one: {}",
                                      parts.size(), nearest.judgement.sentence);
    }
    return nearest;
  }

  const LabTable& table_;
};

}  // namespace

std::string_view name_of(Finding finding) {
  switch (finding) {
    case Finding::confirmed:
      return "confirmed";
    case Finding::refuted:
      return "refuted";
    case Finding::undecided:
      break;
  }
  return "undecided";
}

Judgement judge(const Predicate& predicate, const LabTable& table) {
  return Judge(table).judge(predicate, {}).judgement;
}

std::vector<ClaimVerdict> judge_claims(const LabTable& table) {
  std::vector<ClaimVerdict> verdicts;
  for (const LabClaim& claim : table.experiment.claims) {
    verdicts.push_back({&claim, judge(claim.criterion, table)});
  }
  return verdicts;
}

Estimate estimate(const Quantity& quantity, const LabTable& table) {
  const Series series = Judge(table).series(quantity, {});
  Estimate made;
  made.text = series.text;
  made.reason = series.reason;
  if (!series.reason.empty()) return made;
  if (series.is_constant) {
    made.mean = series.constant;
    made.half_width = 0;
    return made;
  }
  std::vector<double> values;
  for (const auto& [seed, value] : series.values) values.push_back(value);
  const LabMean mean = mean_of(values);
  made.mean = mean.mean;
  made.seeds = mean.seeds;
  if (mean.seeds > 1) made.half_width = student_t(mean.seeds - 1) * mean.standard_error;
  return made;
}

}  // namespace zscape

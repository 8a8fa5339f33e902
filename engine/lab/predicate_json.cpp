#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/lab/reading.h"
#include "engine/text.h"

namespace zscape::lab {
namespace {

// The axes that a predicate around this one goes through.
using Bound = std::vector<std::string>;

bool names(const LabPlace& place, const std::string& axis) {
  return std::ranges::any_of(place, [&](const AxisPlace& each) { return each.axis == axis; });
}

// The place where a figure is taken: it must say a value of every axis that has several and that
// nothing else goes through.
LabPlace whole_place(const OrderedJson& object, const Names& known, const Bound& bound,
                     const std::string& where) {
  const auto given = object.find("where");
  const std::string here = below(where, "where");
  LabPlace place = given == object.end() ? LabPlace() : place_from(*given, known.experiment, here);
  for (const LabAxis& axis : known.experiment.axes) {
    const bool is_bound = std::ranges::find(bound, axis.name) != bound.end();
    if (is_bound && names(place, axis.name)) {
      refuse(here, tr("{} is gone through by 'for' or 'along' already; leave it out", axis.name));
    }
    if (is_bound || names(place, axis.name)) continue;
    if (axis.values.size() > 1) refuse(here, tr("it must also say which {}", axis.name));
    place.push_back({axis.name, axis.values.front().label});
  }
  return place;
}

std::string column_from(const OrderedJson& value, const Names& known, const std::string& where) {
  std::string column = text_from(value, where);
  if (std::ranges::find(known.columns, column) != known.columns.end()) return column;
  refuse(where, tr("'{}' is not measured; measured are {}", column, listed(known.columns)));
}

std::string axis_from(const OrderedJson& value, const Names& known, const Bound& bound,
                      const std::string& where) {
  std::string name = text_from(value, where);
  if (std::ranges::find(bound, name) != bound.end()) {
    refuse(where, tr("{} is gone through by 'for' or 'along' already", name));
  }
  if (known.experiment.axis(name) != nullptr) return name;
  std::vector<std::string> all;
  for (const LabAxis& axis : known.experiment.axes) all.push_back(axis.name);
  refuse(where, tr("'{}' is no axis; there are {}", name, listed(all)));
}

Quantity quantity(const OrderedJson& value, const Names& known, const Bound& bound,
                  const std::string& where);

std::vector<Quantity> two_quantities(const OrderedJson& value, const Names& known,
                                     const Bound& bound, const std::string& where) {
  if (!value.is_array() || value.size() != 2) {
    refuse(where, tr("it must be a list of two quantities"));
  }
  std::vector<Quantity> both;
  for (std::size_t i = 0; i < 2; ++i) {
    both.push_back(quantity(value[i], known, bound, below(where, i)));
  }
  return both;
}

Quantity quantity(const OrderedJson& value, const Names& known, const Bound& bound,
                  const std::string& where) {
  using Kind = Quantity::Kind;
  Quantity made;
  if (value.is_number()) {
    made.number = value.get<double>();
    return made;
  }
  if (!value.is_object()) {
    refuse(where, tr("a quantity is a number or an object with of, minus, over, log or best, and "
                     "not {}",
                     value.dump()));
  }
  if (value.contains("best")) {
    check_keys(value, where, {"best", "of", "along", "where"});
    const std::string which = text_from(value["best"], below(where, "best"));
    if (which != "max" && which != "min") {
      refuse(below(where, "best"), tr("it must be \"max\" or \"min\", and not \"{}\"", which));
    }
    made.kind = Kind::best;
    made.largest = which == "max";
    made.of = column_from(needed(value, where, "of"), known, below(where, "of"));
    made.along = axis_from(needed(value, where, "along"), known, bound, below(where, "along"));
    for (const AxisValue& each : known.experiment.axis(made.along)->values) {
      if (each.number) continue;
      refuse(below(where, "along"),
             tr("{} has the value '{}', which is no number", made.along, each.label));
    }
    Bound inside = bound;
    inside.push_back(made.along);
    made.where = whole_place(value, known, inside, where);
    return made;
  }
  if (value.contains("of")) {
    check_keys(value, where, {"of", "where"});
    made.kind = Kind::figure;
    made.of = column_from(value["of"], known, below(where, "of"));
    made.where = whole_place(value, known, bound, where);
    return made;
  }
  check_keys(value, where, {"of", "where", "minus", "over", "log", "best", "along"});
  if (value.size() != 1) {
    refuse(where, tr("a quantity has one of the keys of, minus, over, log and best"));
  }
  const std::string key = value.begin().key();
  const std::string inside = below(where, key);
  if (key == "log") {
    made.kind = Kind::log;
    made.parts.push_back(quantity(value[key], known, bound, inside));
  } else if (key == "minus" || key == "over") {
    made.kind = key == "minus" ? Kind::minus : Kind::over;
    made.parts = two_quantities(value[key], known, bound, inside);
  } else {
    refuse(where, tr("a quantity has one of the keys of, minus, over, log and best"));
  }
  return made;
}

// "by" and "within".
double amount_of(const OrderedJson& value, const std::string& where, std::string_view key) {
  const auto found = value.find(key);
  if (found == value.end()) return 0;
  const double amount = number_at(*found, below(where, key));
  if (!(amount >= 0)) refuse(below(where, key), tr("{} is not a number of at least 0", amount));
  return amount;
}

Predicate predicate(const OrderedJson& value, const Names& known, const Bound& bound,
                    const std::string& where) {
  using Kind = Predicate::Kind;
  need_object(value, where);
  const auto has = [&](const char* key) { return value.contains(key); };
  Predicate made;
  if (has("less")) {
    check_keys(value, where, {"less", "by"});
    made.kind = Kind::less;
    made.quantities = two_quantities(value["less"], known, bound, below(where, "less"));
    made.amount = amount_of(value, where, "by");
  } else if (has("near")) {
    check_keys(value, where, {"near", "within"});
    made.kind = Kind::near;
    made.quantities = two_quantities(value["near"], known, bound, below(where, "near"));
    (void)needed(value, where, "within");
    made.amount = amount_of(value, where, "within");
  } else if (has("rises") || has("falls")) {
    const char* key = has("rises") ? "rises" : "falls";
    check_keys(value, where, {key, "along", "where", "by"});
    made.kind = has("rises") ? Kind::rises : Kind::falls;
    made.of = column_from(value[key], known, below(where, key));
    made.along = axis_from(needed(value, where, "along"), known, bound, below(where, "along"));
    made.amount = amount_of(value, where, "by");
    Bound inside = bound;
    inside.push_back(made.along);
    made.where = whole_place(value, known, inside, where);
  } else if (has("all") || has("any")) {
    const char* key = has("all") ? "all" : "any";
    check_keys(value, where, {key});
    made.kind = has("all") ? Kind::all : Kind::any;
    need_list(value[key], below(where, key));
    for (std::size_t i = 0; i < value[key].size(); ++i) {
      made.parts.push_back(predicate(value[key][i], known, bound, below(below(where, key), i)));
    }
    if (made.parts.empty()) refuse(below(where, key), tr("the list is empty"));
  } else if (has("not")) {
    check_keys(value, where, {"not"});
    made.kind = Kind::negation;
    made.parts.push_back(predicate(value["not"], known, bound, below(where, "not")));
  } else if (has("for")) {
    check_keys(value, where, {"for", "is"});
    made.kind = Kind::for_each;
    const OrderedJson& axes = value["for"];
    const std::string inside = below(where, "for");
    need_object(axes, inside);
    if (axes.empty()) refuse(inside, tr("it must name an axis and its values"));
    Bound all = bound;
    for (const auto& [key, values] : axes.items()) {
      const std::string name = axis_from(OrderedJson(key), known, all, below(inside, key));
      need_list(values, below(inside, key));
      if (values.empty()) refuse(below(inside, key), tr("the list is empty"));
      std::vector<std::string> labels;
      for (std::size_t i = 0; i < values.size(); ++i) {
        labels.push_back(
            value_of(*known.experiment.axis(name), values[i], below(below(inside, key), i)));
      }
      made.values.emplace_back(name, std::move(labels));
      all.push_back(name);
    }
    made.parts.push_back(predicate(needed(value, where, "is"), known, all, below(where, "is")));
  } else {
    refuse(where, tr("it must have one of the keys less, near, rises, falls, all, any, not and "
                     "for"));
  }
  return made;
}

}  // namespace

Predicate predicate_from(const OrderedJson& value, const Names& names, const std::string& where) {
  return predicate(value, names, {}, where);
}

Quantity quantity_from(const OrderedJson& value, const Names& names, const std::string& where) {
  return quantity(value, names, {}, where);
}

}  // namespace zscape::lab

#include "engine/program/arguments.h"

#include <ATen/ATen.h>
#include <ATen/core/jit_type.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "engine/json_text.h"
#include "engine/program/archive.h"
#include "engine/text.h"

namespace zscape {
namespace {

using c10::TypeKind;
using nlohmann::json;

Argument constant(c10::IValue value) {
  Argument argument;
  argument.value = std::move(value);
  return argument;
}

Argument from_slot(int slot) {
  Argument argument;
  argument.from = Argument::From::slot;
  argument.slots = {slot};
  return argument;
}

[[noreturn]] void refuse(const std::string& tag, const c10::Argument& wanted) {
  throw std::invalid_argument(
      tr("its argument {} is {}, not {}", wanted.name(), tag, wanted.type()->str()));
}

double number_from_json(const json& value) {
  if (value.is_number()) return value.get<double>();
  const auto word = value.get<std::string>();  // JSON has no such numbers
  if (word == "Infinity") return std::numeric_limits<double>::infinity();
  if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
  throw std::invalid_argument(tr("it has a number that is none"));
}

std::int64_t whole(const json& value) {
  return whole_from<std::int64_t>(value);
}

// Numbers that the schema writes for types, forms of memory and layouts.
std::int64_t enumerator(const std::string& tag, const json& value) {
  if (tag == "as_scalar_type") {
    const auto type = scalar_type_from(value);
    if (!type) throw std::invalid_argument(tr("it asks for a type of numbers that zscape lacks"));
    return static_cast<std::int64_t>(*type);
  }
  if (tag == "as_layout") {
    constexpr int kStrided = 7;
    if (whole(value) != kStrided) throw std::invalid_argument(tr("it asks for a sparse tensor"));
    return static_cast<std::int64_t>(c10::Layout::Strided);
  }
  switch (whole(value)) {  // MemoryFormat
    case 1:
      return static_cast<std::int64_t>(c10::MemoryFormat::Contiguous);
    case 2:
      return static_cast<std::int64_t>(c10::MemoryFormat::ChannelsLast);
    case 4:
      return static_cast<std::int64_t>(c10::MemoryFormat::Preserve);
    default:
      throw std::invalid_argument(tr("it asks for a form of memory that zscape lacks"));
  }
}

Argument list_from(const std::string& tag, const json& value, const c10::Argument& wanted,
                   const c10::TypePtr& element, const SlotOf& slot_of) {
  Argument argument;
  switch (element->kind()) {
    case TypeKind::IntType:
    case TypeKind::SymIntType:
      argument.from = Argument::From::numbers;
      if (tag == "as_int") {
        const auto times = static_cast<std::size_t>(std::max(wanted.N().value_or(1), 1));
        argument.numbers.assign(times, whole(value));
        argument.slots.assign(times, -1);
      } else if (tag == "as_ints" || tag == "as_sym_ints") {
        for (const json& each : value) {
          const Argument size =
              each.is_object() ? size_from({{"as_sym_int", each}}, slot_of) : constant(whole(each));
          const bool is_constant = size.from == Argument::From::constant;
          argument.slots.push_back(is_constant ? -1 : size.slots.front());
          argument.numbers.push_back(is_constant ? size.value.toInt() : 0);
        }
      } else {
        refuse(tag, wanted);
      }
      if (std::ranges::all_of(argument.slots, [](int slot) { return slot < 0; })) {
        return constant(c10::IValue(argument.numbers));
      }
      return argument;
    case TypeKind::FloatType: {
      std::vector<double> numbers;
      if (tag != "as_floats" && tag != "as_ints") refuse(tag, wanted);
      for (const json& each : value) numbers.push_back(number_from_json(each));
      return constant(c10::IValue(numbers));
    }
    case TypeKind::BoolType: {
      c10::List<bool> flags;
      if (tag != "as_bools") refuse(tag, wanted);
      for (const json& each : value) flags.push_back(each.get<bool>());
      return constant(flags);
    }
    case TypeKind::TensorType:
      if (tag != "as_tensors") refuse(tag, wanted);
      argument.from = Argument::From::tensors;
      for (const json& each : value) {
        argument.slots.push_back(slot_of(each.at("name").get<std::string>()));
      }
      return argument;
    default:
      refuse(tag, wanted);
  }
}

Argument from(const std::string& tag, const json& value, const c10::Argument& wanted,
              const c10::TypePtr& type, const SlotOf& slot_of) {
  switch (type->kind()) {
    case TypeKind::OptionalType:
      if (tag == "as_none") return constant({});
      if (tag == "as_optional_tensor") {
        if (value.contains("as_none")) return constant({});
        return from_slot(slot_of(value.at("as_tensor").at("name").get<std::string>()));
      }
      return from(tag, value, wanted, type->expectRef<c10::OptionalType>().getElementType(),
                  slot_of);
    case TypeKind::TensorType:
      if (tag == "as_tensor") return from_slot(slot_of(value.at("name").get<std::string>()));
      if (tag == "as_int" || tag == "as_float" || tag == "as_bool") {
        const at::Scalar number = tag == "as_int"    ? at::Scalar(whole(value))
                                  : tag == "as_bool" ? at::Scalar(value.get<bool>())
                                                     : at::Scalar(number_from_json(value));
        // A number of Python's does not change the type of its partner.
        at::Tensor wrapped = at::scalar_tensor(number, tag == "as_int"    ? at::kLong
                                                       : tag == "as_bool" ? at::kBool
                                                                          : at::kDouble);
        wrapped.unsafeGetTensorImpl()->set_wrapped_number(true);
        return constant(wrapped);
      }
      refuse(tag, wanted);
    case TypeKind::NumberType:
      if (tag == "as_int") return constant(whole(value));
      if (tag == "as_float") return constant(number_from_json(value));
      if (tag == "as_bool") return constant(value.get<bool>());
      if (tag == "as_sym_int") return size_from({{tag, value}}, slot_of);
      refuse(tag, wanted);
    case TypeKind::IntType:
    case TypeKind::SymIntType:
    case TypeKind::ScalarTypeType:
    case TypeKind::LayoutType:
    case TypeKind::MemoryFormatType:
      if (tag == "as_int" || tag == "as_sym_int") return size_from({{tag, value}}, slot_of);
      if (tag == "as_scalar_type" || tag == "as_layout" || tag == "as_memory_format") {
        return constant(enumerator(tag, value));
      }
      refuse(tag, wanted);
    case TypeKind::FloatType:
      if (tag == "as_float" || tag == "as_int") return constant(number_from_json(value));
      refuse(tag, wanted);
    case TypeKind::BoolType:
      if (tag == "as_bool") return constant(value.get<bool>());
      refuse(tag, wanted);
    case TypeKind::StringType:
      if (tag == "as_string") return constant(value.get<std::string>());
      refuse(tag, wanted);
    case TypeKind::DeviceObjType: {
      if (tag != "as_device") refuse(tag, wanted);
      Argument argument;
      argument.from = Argument::From::device;
      return argument;
    }
    case TypeKind::ListType:
      return list_from(tag, value, wanted, type->expectRef<c10::ListType>().getElementType(),
                       slot_of);
    default:
      refuse(tag, wanted);
  }
}

}  // namespace

Argument argument_from(const json& json, const c10::Argument& wanted, const SlotOf& slot_of) {
  if (!json.is_object() || json.size() != 1) throw std::invalid_argument(tr("an argument is none"));
  return from(json.begin().key(), json.begin().value(), wanted, wanted.type(), slot_of);
}

Argument size_from(const json& json, const SlotOf& slot_of) {
  if (const auto number = json.find("as_int"); number != json.end())
    return constant(whole(*number));
  const auto& size = json.at("as_sym_int");
  if (const auto number = size.find("as_int"); number != size.end())
    return constant(whole(*number));
  return from_slot(slot_of(size.at("as_name").get<std::string>()));
}

}  // namespace zscape

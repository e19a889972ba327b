// Running a device selector over one device.
#include <algorithm>
#include <limits>

#include "plan/devices_expression.h"
#include "plan/devices_functions.h"

namespace plan {

namespace {

using Op = DeviceExpression::Op;
using Node = DeviceExpression::Node;

// A qualified name is "domain/name"; without a domain it is the driver's.
bool is_in_domain(std::string_view name, std::string_view domain, std::string_view driver) {
  const std::size_t slash = name.find('/');
  return (slash == std::string_view::npos ? driver : name.substr(0, slash)) == domain;
}

// The entry called `name` in the domain, of a map by qualified names.
template <typename Map>
const typename Map::mapped_type* find_in_domain(const Map& map,
                                                std::string_view domain,
                                                std::string_view driver,
                                                const std::string& name) {
  auto found = map.find(std::string(domain) + "/" + name);
  if (found == map.end() && domain == driver) {
    found = map.find(name);
  }
  return found == map.end() ? nullptr : &found->second;
}

template <typename Map>
bool has_domain(const Map& map, std::string_view domain, std::string_view driver) {
  return std::ranges::any_of(
      map, [&](const auto& entry) { return is_in_domain(entry.first, domain, driver); });
}

Value arithmetic(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  switch (op) {
    case Op::kAdd:
      return __builtin_add_overflow(a, b, &out) ? Value::error() : Value{out};
    case Op::kSubtract:
      return __builtin_sub_overflow(a, b, &out) ? Value::error() : Value{out};
    case Op::kMultiply:
      return __builtin_mul_overflow(a, b, &out) ? Value::error() : Value{out};
    default:
      break;
  }
  if (b == 0 || (a == std::numeric_limits<std::int64_t>::min() && b == -1)) {
    return Value::error();
  }
  return {op == Op::kDivide ? a / b : a % b};
}

Value arithmetic(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return {a + b};
    case Op::kSubtract:
      return {a - b};
    case Op::kMultiply:
      return {a * b};
    case Op::kDivide:
      return {a / b};
    default:
      return Value::error();
  }
}

}  // namespace

class ExpressionRun {
 public:
  ExpressionRun(const DeviceExpression& expression, const DeviceFacts& facts)
      : nodes_(expression.nodes_), facts_(facts) {}

  Value run(std::uint32_t index) {
    const Node& node = nodes_[index];
    switch (node.op) {
      case Op::kLiteral:
        return node.literal;
      case Op::kDevice:
        return {DeviceRef{}};
      case Op::kVariable:
        return variable(node.name);
      case Op::kAnd:
      case Op::kOr:
        return logical(node);
      case Op::kConditional:
        return conditional(node);
      case Op::kExists:
      case Op::kAll:
        return quantified(node);
      case Op::kBind:
        return bound(node.name, run(node.args[0]), node.args[1]);
      case Op::kSelect:
        return select(run(node.args[0]), node.name);
      case Op::kHas:
        return has(run(node.args[0]), node.name);
      default:
        return strict(node);
    }
  }

 private:
  // All arguments are needed: an error in one is the answer.
  Value strict(const Node& node) {
    std::vector<Value> args;
    args.reserve(node.args.size());
    for (const std::uint32_t arg : node.args) {
      args.push_back(run(arg));
      if (args.back().is_error()) {
        return Value::error();
      }
    }
    switch (node.op) {
      case Op::kList:
        return {std::make_shared<const std::vector<Value>>(std::move(args))};
      case Op::kNot: {
        const auto* truth = args[0].as<bool>();
        return truth ? Value{!*truth} : Value::error();
      }
      case Op::kNegate:
        return negate(args[0]);
      case Op::kIndex:
        return index(args[0], args[1]);
      case Op::kIn:
        return contains(args[1], args[0]);
      case Op::kCall:
        return call_function(node.name, args);
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
      case Op::kRemainder:
        return calculate(node.op, args[0], args[1]);
      default:
        return relation(node.op, args[0], args[1]);
    }
  }

  Value variable(const std::string& name) const {
    const auto found = std::ranges::find_if(
        bound_.rbegin(), bound_.rend(), [&](const auto& entry) { return *entry.first == name; });
    return found == bound_.rend() ? Value::error() : found->second;
  }

  Value bound(const std::string& name, Value value, std::uint32_t body) {
    bound_.emplace_back(&name, std::move(value));
    Value result = run(body);
    bound_.pop_back();
    return result;
  }

  // Either side decides alone if it can, even when the other fails.
  Value logical(const Node& node) {
    const bool decisive = node.op == Op::kOr;
    bool has_failed = false;
    for (const std::uint32_t arg : node.args) {
      const Value value = run(arg);
      const auto* truth = value.as<bool>();
      if (truth != nullptr && *truth == decisive) {
        return value;
      }
      has_failed |= truth == nullptr;
    }
    return has_failed ? Value::error() : Value{!decisive};
  }

  Value conditional(const Node& node) {
    const Value condition = run(node.args[0]);
    const auto* truth = condition.as<bool>();
    return truth ? run(node.args[*truth ? 1 : 2]) : Value::error();
  }

  Value quantified(const Node& node) {
    const Value range = run(node.args[0]);
    const auto* list = range.as<ValueList>();
    if (list == nullptr) {
      return Value::error();
    }
    const bool decisive = node.op == Op::kExists;
    bool has_failed = false;
    for (const Value& item : **list) {
      const Value value = bound(node.name, item, node.args[1]);
      const auto* truth = value.as<bool>();
      if (truth != nullptr && *truth == decisive) {
        return value;
      }
      has_failed |= truth == nullptr;
    }
    return has_failed ? Value::error() : Value{!decisive};
  }

  Value select(const Value& from, const std::string& name) const {
    const auto* ref = from.as<DeviceRef>();
    if (ref == nullptr) {
      return Value::error();
    }
    if (ref->part != DeviceRef::Part::kDevice) {
      return ref->domain ? entry(*ref, name) : domain(*ref, name);
    }
    if (name == "driver") {
      return {facts_.driver};
    }
    if (name == "allowMultipleAllocations") {
      return {facts_.device.allows_multiple};
    }
    if (name == "attributes" || name == "capacity") {
      return {DeviceRef{
          .part = name == "capacity" ? DeviceRef::Part::kCapacity : DeviceRef::Part::kAttributes,
          .domain = {}}};
    }
    return Value::error();
  }

  // Every domain can be asked for: one that nobody uses is an empty map.
  static Value domain(const DeviceRef& ref, const std::string& name) {
    return {DeviceRef{.part = ref.part, .domain = name}};
  }

  Value entry(const DeviceRef& ref, const std::string& name) const {
    if (ref.part == DeviceRef::Part::kCapacity) {
      const auto* found = find_in_domain(facts_.device.capacity, *ref.domain, facts_.driver, name);
      return found ? Value{found->value} : Value::error();
    }
    const auto* found = find_in_domain(facts_.device.attributes, *ref.domain, facts_.driver, name);
    return found ? to_value(*found) : Value::error();
  }

  Value has(const Value& from, const std::string& name) const {
    const auto* ref = from.as<DeviceRef>();
    if (ref == nullptr) {
      return Value::error();
    }
    return {ref->domain ? !entry(*ref, name).is_error() : !select(from, name).is_error()};
  }

  Value index(const Value& from, const Value& key) const {
    if (const auto* name = key.as<std::string>()) {
      const auto* ref = from.as<DeviceRef>();
      return ref != nullptr && ref->part != DeviceRef::Part::kDevice ? select(from, *name)
                                                                     : Value::error();
    }
    const auto* list = from.as<ValueList>();
    const auto* position = key.as<std::int64_t>();
    if (list == nullptr || position == nullptr || *position < 0 ||
        static_cast<std::size_t>(*position) >= (*list)->size()) {
      return Value::error();
    }
    return (**list)[static_cast<std::size_t>(*position)];
  }

  Value contains(const Value& in, const Value& what) const {
    if (const auto* list = in.as<ValueList>()) {
      return {std::ranges::any_of(**list, [&](const Value& item) { return equals(item, what); })};
    }
    const auto* ref = in.as<DeviceRef>();
    const auto* name = what.as<std::string>();
    if (ref == nullptr || name == nullptr || ref->part == DeviceRef::Part::kDevice) {
      return Value::error();
    }
    if (ref->domain) {
      return {!entry(*ref, *name).is_error()};
    }
    return {ref->part == DeviceRef::Part::kCapacity
                ? has_domain(facts_.device.capacity, *name, facts_.driver)
                : has_domain(facts_.device.attributes, *name, facts_.driver)};
  }

  static Value negate(const Value& value) {
    if (const auto* integer = value.as<std::int64_t>()) {
      return arithmetic(Op::kSubtract, 0, *integer);
    }
    const auto* real = value.as<double>();
    return real ? Value{-*real} : Value::error();
  }

  static Value calculate(Op op, const Value& a, const Value& b) {
    if (const auto *left = a.as<std::int64_t>(), *right = b.as<std::int64_t>(); left && right) {
      return arithmetic(op, *left, *right);
    }
    if (const auto *left = a.as<double>(), *right = b.as<double>(); left && right) {
      return arithmetic(op, *left, *right);
    }
    const auto* left = a.as<std::string>();
    const auto* right = b.as<std::string>();
    return op == Op::kAdd && left && right ? Value{*left + *right} : Value::error();
  }

  static Value relation(Op op, const Value& a, const Value& b) {
    if (op == Op::kEqual || op == Op::kNotEqual) {
      return {equals(a, b) == (op == Op::kEqual)};
    }
    const auto order = compare(a, b);
    if (!order) {
      return Value::error();
    }
    return {op == Op::kLess        ? *order < 0
            : op == Op::kLessEqual ? *order <= 0
            : op == Op::kGreater   ? *order > 0
                                   : *order >= 0};
  }

  const std::vector<Node>& nodes_;
  const DeviceFacts& facts_;
  std::vector<std::pair<const std::string*, Value>> bound_;
};

bool DeviceExpression::matches(const DeviceFacts& facts) const {
  const Value result = ExpressionRun(*this, facts).run(root_);
  const auto* truth = result.as<bool>();
  return truth != nullptr && *truth;
}

const k8s::DeviceAttribute* find_attribute(const DeviceFacts& facts, std::string_view name) {
  const auto& attributes = facts.device.attributes;
  auto found = attributes.find(name);
  const std::size_t slash = name.find('/');
  if (found == attributes.end() && slash != std::string_view::npos &&
      name.substr(0, slash) == facts.driver) {
    found = attributes.find(name.substr(slash + 1));
  }
  return found == attributes.end() ? nullptr : &found->second;
}

}  // namespace plan

#include <array>

#include "ops/cluster_metrics.h"

#include "base/text.h"
#include "k8s/kinds.h"
#include "k8s/time.h"
#include "world/names.h"

namespace ops {

namespace {

using namespace std::string_view_literals;
using runtime::MetricFacts;
using runtime::MetricWriter;
using enum runtime::MetricType;

// An object with conditions, whatever its kind.
struct Subject {
  const k8s::Object* object;
  const std::vector<k8s::Condition>* conditions;
};

// The metrics of one kind, or of the deprecated twins that are told apart by group and kind.
struct Names {
  std::string count;
  std::string current;
  std::string terminating;
};

Names names_of(std::string_view infix) {
  return {base::concat("operator", infix, "_status_condition_count"),
          base::concat("operator", infix, "_status_condition_current_status_seconds"),
          base::concat("operator", infix, "_termination_current_time_seconds")};
}

struct Group {
  k8s::Kind kind;
  std::vector<Subject> subjects;
  std::vector<std::string> label_keys;  // Extra labels, by key of the object's labels (OPR-71).
};

class Writer {
 public:
  Writer(k8s::TimeNs now, MetricWriter& out) : now_(now), out_(out) {}

  // OPR-70, OPR-73
  void write(const Names& names, std::span<const Group* const> groups, bool is_deprecated) {
    out_.begin({names.count, kGauge, "1 for each condition of an object."});
    each_condition(groups, is_deprecated, [](const k8s::Condition&) { return 1.0; });
    out_.begin({names.current, kGauge, "How long a condition has had its status."});
    each_condition(groups, is_deprecated, [this](const k8s::Condition& condition) {
      return k8s::to_seconds(now_ - condition.last_transition);
    });
    out_.begin({names.terminating, kGauge, "How long an object has been going."});
    for (const Group* group : groups) {
      for (const Subject& subject : group->subjects) {
        if (subject.object->meta.is_deleting()) {
          start(*group, subject, is_deprecated);
          sample(k8s::to_seconds(now_ - subject.object->meta.deletion_time));
        }
      }
    }
  }

 private:
  template <typename ValueOf>
  void each_condition(std::span<const Group* const> groups, bool is_deprecated, ValueOf value_of) {
    for (const Group* group : groups) {
      for (const Subject& subject : group->subjects) {
        for (const k8s::Condition& condition : *subject.conditions) {
          start(*group, subject, is_deprecated);
          label("type", condition.type);
          label("status", condition.status);
          label("reason", condition.reason);
          sample(value_of(condition));
        }
      }
    }
  }

  void start(const Group& group, const Subject& subject, bool is_deprecated) {
    names_.clear();
    values_.clear();
    label("namespace", subject.object->meta.namespace_);
    label("name", subject.object->meta.name);
    if (is_deprecated) {
      label("group", k8s::facts(group.kind).group);
      label("kind", k8s::kind_name(group.kind));
      return;
    }
    for (const std::string& key : group.label_keys) {
      const std::string* value = subject.object->meta.label(key);
      label(series_label(key), value == nullptr ? std::string_view() : *value);
    }
  }

  void label(std::string name, std::string_view value) {
    names_.push_back(std::move(name));
    values_.push_back(value);
  }

  void sample(double value) {
    const std::vector<std::string_view> names(names_.begin(), names_.end());
    out_.sample(names, values_, value);
  }

  k8s::TimeNs now_;
  MetricWriter& out_;
  std::vector<std::string> names_;
  std::vector<std::string_view> values_;
};

}  // namespace

void write_condition_metrics(const world::Snapshot& snapshot,
                             const ClusterMetricsShape& shape,
                             MetricWriter& out) {
  const std::string pool_key(world::kPoolLabel);
  const std::string initialized_key(world::kInitializedLabel);
  Group claims{k8s::Kind::kNodeClaim, {}, {shape.class_label, pool_key}};
  Group nodes{k8s::Kind::kNode, {}, {shape.class_label, pool_key, initialized_key}};
  Group pools{k8s::Kind::kNodePool, {}, {}};
  Group buffers{k8s::Kind::kCapacityBuffer, {}, {}};
  snapshot.nodes.for_each([&](world::NodeId, const world::NodeRow& row) {
    if (row.claim != nullptr) {
      claims.subjects.push_back({row.claim.get(), &row.claim->status.conditions});
    }
    if (row.node != nullptr) {
      nodes.subjects.push_back({row.node.get(), &row.node->status.conditions});
    }
  });
  for (const auto& row : snapshot.pools) {
    pools.subjects.push_back({row->pool.get(), &row->pool->conditions});
  }
  std::vector<const Group*> groups{&claims, &nodes, &pools};
  if (shape.has_buffers) {
    for (const auto& buffer : snapshot.capacity_buffers) {
      buffers.subjects.push_back({buffer.get(), &buffer->conditions});
    }
    groups.push_back(&buffers);
  }
  Writer writer(snapshot.now, out);
  for (const Group* const group : groups) {
    const std::string infix = "_" + base::to_lower(k8s::kind_name(group->kind));
    writer.write(names_of(infix), std::span(&group, 1), false);
  }
  std::erase(groups, &nodes);  // OPR-70: nodes have no deprecated twin.
  writer.write(names_of(""), groups, true);
}

}  // namespace ops

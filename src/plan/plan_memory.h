// What planning rounds remember from one to the next: vocabulary, requirement sets with their
// answers, taints, machines, and catalogues as columns. A warm round asks only what no round has
// asked before.
//
// Remembering never changes a plan: ids order nothing that can be seen. Whoever plans repeatedly
// owns one; a single plan makes its own.
//
//   PlanMemory memory;                       // a member of the provisioner
//   Plan plan = compute_plan(problem, memory);
//
// Thread rule: one owner at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/amounts.h"
#include "plan/columns.h"
#include "plan/node_memory.h"
#include "plan/taint_table.h"

namespace plan {

struct Problem;

class PlanMemory {
 public:
  PlanMemory() = default;
  PlanMemory(const PlanMemory&) = delete;
  PlanMemory& operator=(const PlanMemory&) = delete;

  // Makes ready for a round: drops catalogues that the snapshot no longer has, and everything when
  // the label schema has changed or the tables have grown out of proportion.
  void prepare(const Problem& problem);

  // REQUIRES of all below: prepare() was called.
  const cloud::LabelSchema& schema() const { return *schema_; }

  model::Vocabulary& words() { return tables_->words; }

  model::SetTable& sets() { return tables_->sets; }

  ResourceNames& names() { return tables_->names; }

  const ResourceNames& names() const { return tables_->names; }

  TaintTable& taints() { return tables_->taints; }

  NodeMemory& nodes() { return tables_->nodes; }

  // Grows whenever ids or catalogues are no longer what they were.
  std::uint64_t edition() const { return edition_; }

  // With all dimensions of names() as they are now.
  Columns& columns_of(const cloud::CataloguePtr& catalogue);

 private:
  struct Tables {
    explicit Tables(const cloud::LabelSchema& schema) : sets(words, schema) {}

    model::Vocabulary words;
    model::SetTable sets;
    ResourceNames names;
    TaintTable taints;
    NodeMemory nodes;
  };

  struct Known {
    cloud::CataloguePtr catalogue;
    std::unique_ptr<Columns> columns;
  };

  std::shared_ptr<const cloud::LabelSchema> schema_;
  std::vector<cloud::CataloguePtr> schema_source_;  // When no schema was given.
  std::unique_ptr<Tables> tables_;
  std::vector<Known> catalogues_;
  std::uint64_t edition_ = 0;
};

}  // namespace plan

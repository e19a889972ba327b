#include "plan/plan_memory.h"

#include <algorithm>

#include "plan/plan.h"
#include "plan/provisionable.h"

namespace plan {
namespace {

// Beyond this many the tables hold mostly what no round asks any more (labels of nodes long gone).
constexpr std::size_t kMaxWords = 1'000'000;
constexpr std::size_t kMaxSets = 200'000;

std::vector<cloud::CataloguePtr> catalogues_of(const world::Snapshot& snapshot) {
  std::vector<cloud::CataloguePtr> catalogues;
  for (const auto& pool : snapshot.pools) {
    if (pool->catalogue != nullptr &&
        std::ranges::find(catalogues, pool->catalogue) == catalogues.end()) {
      catalogues.push_back(pool->catalogue);
    }
  }
  return catalogues;
}

}  // namespace

void PlanMemory::prepare(const Problem& problem) {
  std::vector<cloud::CataloguePtr> catalogues = catalogues_of(problem.snapshot);
  const bool is_derived = problem.options.schema == nullptr;
  const bool is_same_schema =
      tables_ != nullptr &&
      (is_derived ? schema_source_ == catalogues : schema_ == problem.options.schema);
  if (!is_same_schema || words().size() > kMaxWords || sets().size() > kMaxSets) {
    catalogues_.clear();
    schema_ = schema_of(problem.snapshot, problem.options);
    tables_ = std::make_unique<Tables>(*schema_);
    ++edition_;
    schema_source_ = is_derived ? catalogues : std::vector<cloud::CataloguePtr>();
  }
  std::erase_if(catalogues_, [&](const Known& known) {
    return std::ranges::find(catalogues, known.catalogue) == catalogues.end();
  });
}

Columns& PlanMemory::columns_of(const cloud::CataloguePtr& catalogue) {
  auto known = std::ranges::find(catalogues_, catalogue, &Known::catalogue);
  if (known == catalogues_.end()) {
    catalogues_.push_back(
        {.catalogue = catalogue, .columns = std::make_unique<Columns>(*catalogue, sets())});
    known = catalogues_.end() - 1;
    ++edition_;
  }
  known->columns->cover(names());
  return *known->columns;
}

}  // namespace plan

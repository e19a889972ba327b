// A catalogue as columns, for set algebra: which instance types meet a requirement set, which have
// an offering under it, which are large enough, each as a bitset that is computed once per distinct
// question (SCH-63..67, SCH-180).
//
// The unit is the row: an instance type together with one group of its offerings that share an
// allocatable (SCH-65). Most types have one row.
//
// Thread rule: one owner at a time (look-ups remember).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/bitset.h"
#include "cloud/catalogue.h"
#include "model/requirement_set.h"
#include "plan/amounts.h"

namespace plan {

struct OfferColumn {
  std::uint32_t row = 0;
  std::uint32_t offering = 0;  // In the type's list.
  double price = 0;
  model::Symbol zone;
  model::Symbol capacity_type;
  model::Symbol reservation;  // Invalid: an ordinary offering.
  std::int64_t reservation_capacity = 0;
  bool is_available = true;
};

class Columns {
 public:
  // Knows no resource yet: see cover().
  Columns(const cloud::Catalogue& catalogue, model::SetTable& sets);

  // Learns the supply of resources that have become dimensions since the last call.
  void cover(const ResourceNames& names);

  std::size_t row_count() const { return row_type_.size(); }

  const cloud::InstanceType& type_of_row(std::size_t row) const {
    return catalogue_.types[row_type_[row]];
  }

  std::size_t type_index(std::size_t row) const { return row_type_[row]; }

  const Amounts& allocatable(std::size_t row) const { return allocatable_[row]; }

  const base::Bitset& all_rows() const { return all_rows_; }

  // Rows without negative allocatable (SCH-600).
  const base::Bitset& sound_rows() const { return sound_rows_; }

  // Rows whose type's labels intersect the set (the criterion "compat" of SCH-180).
  const base::Bitset& compatible_rows(model::SetId set);
  // Available offers that the set allows, by position in offers() (SCH-67).
  const base::Bitset& live_offers(model::SetId set);
  // Rows with an available offering under the set ("hasOffering").
  const base::Bitset& offered_rows(model::SetId set);
  // Both.
  const base::Bitset& usable_rows(model::SetId set);

  // Clears the rows that are too small for the demand.
  void keep_fitting(const Amounts& demand, base::Bitset& rows) const;

  std::size_t first_offer_of_row(std::size_t row) const { return first_offer_[row]; }

  // Where the row's type stands among all types by name.
  std::uint32_t name_rank(std::size_t row) const { return name_rank_[row_type_[row]]; }

  // All offers, those of a row side by side.
  std::span<const OfferColumn> offers() const { return offers_; }

  std::span<const OfferColumn> offers_of_row(std::size_t row) const {
    return std::span(offers_).subspan(first_offer_[row], first_offer_[row + 1] - first_offer_[row]);
  }

  // Positions in offers() of available reserved offerings.
  std::span<const std::uint32_t> reserved_offers() const { return reserved_; }

  // Values that types list for a key, with the rows that list them; empty: no type has the key.
  struct Posting {
    model::Symbol value;
    base::Bitset rows;
  };

  std::span<const Posting> postings(model::Symbol key) const;

  // SCH-130: what a type says of its labels.
  model::SetId type_set(std::size_t type) const { return type_sets_[type]; }

 private:
  struct KeyColumn {
    std::vector<Posting> values;
    base::Bitset defined;  // Rows that say anything of the key; absent rows agree with everything.
    base::Bitset absent;   // Rows that say the label does not exist.
  };

  struct OfferKey {
    model::Symbol key;
    std::vector<std::pair<model::Symbol, base::Bitset>> values;  // Offers by value.
    base::Bitset defined;
  };

  // Per dimension: the distinct supplies, ascending, and the rows that have at least that much.
  struct Supply {
    std::vector<Amount> levels;
    std::vector<base::Bitset> at_least;
  };

  void add_type(std::uint32_t type, model::SetTable& sets);
  void add_row(std::uint32_t type,
               const k8s::Resources& allocatable,
               std::span<const std::uint32_t> offerings);
  void add_offer(const cloud::Offering& offering, std::uint32_t index);
  void rank_names();
  void index_labels();
  void index_offers();
  void index_offer_label(std::size_t offer, std::string_view key, std::string_view value);
  Supply make_supply(std::size_t dimension) const;
  KeyColumn& key_column(model::Symbol key);
  const base::Bitset& rows_agreeing(model::ReqId id);
  const base::Bitset& offers_agreeing(model::ReqId id, const OfferKey& key);
  base::Bitset compute_live(model::SetId set);

  const cloud::Catalogue& catalogue_;
  model::SetTable& sets_;
  std::vector<std::uint32_t> row_type_;
  std::vector<std::uint32_t> name_rank_;  // By type.
  std::vector<k8s::Resources> row_resources_;
  std::vector<Amounts> allocatable_;
  std::vector<bool> is_sound_;
  base::Bitset all_rows_;
  base::Bitset sound_rows_;
  std::vector<model::SetId> type_sets_;
  std::vector<OfferColumn> offers_;
  std::vector<std::uint32_t> first_offer_;  // By row, one more at the end.
  std::vector<std::uint32_t> reserved_;
  base::Bitset available_;
  boost::unordered_flat_map<std::uint32_t, KeyColumn> keys_;
  std::vector<OfferKey> offer_keys_;
  std::vector<Supply> supply_;
  // References into node-stable storage are handed out.
  std::vector<std::unique_ptr<base::Bitset>> agreeing_;  // By requirement.
  std::vector<std::unique_ptr<base::Bitset>> offers_agreeing_;
  std::vector<std::unique_ptr<base::Bitset>> compatible_;  // By set.
  std::vector<std::unique_ptr<base::Bitset>> live_;
  std::vector<std::unique_ptr<base::Bitset>> offered_;
  std::vector<std::unique_ptr<base::Bitset>> usable_;
};

// SCH-65: the groups of a type's available offerings by allocatable; the base group first.
struct AllocatableGroup {
  k8s::Resources allocatable;
  std::vector<std::uint32_t> offerings;
};

std::vector<AllocatableGroup> allocatable_groups(const cloud::InstanceType& type);

}  // namespace plan

// Labels, annotations and selectors: a sorted map of strings that copies share until one of them
// changes (base/cow.h), since the replicas of a workload carry the same ones.
//
// Iterators are const, so reading never detaches; write through [], insert_or_assign and erase.
// Iteration order is the order of output. Thread rule: as base::Cow.
#pragma once

#include <compare>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/cow.h"

namespace k8s {

class StringMap {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;
  using key_type = std::string;
  using mapped_type = std::string;
  using value_type = Map::value_type;
  using const_iterator = Map::const_iterator;
  using iterator = const_iterator;

  StringMap() = default;

  StringMap(std::initializer_list<value_type> entries) : entries_(Map(entries)) {}

  template <typename Iterator>
  StringMap(Iterator first, Iterator last) : entries_(Map(first, last)) {}

  const_iterator begin() const { return read().begin(); }

  const_iterator end() const { return read().end(); }

  bool empty() const { return read().empty(); }

  std::size_t size() const { return read().size(); }

  const_iterator find(std::string_view key) const { return read().find(key); }

  const_iterator lower_bound(std::string_view key) const { return read().lower_bound(key); }

  bool contains(std::string_view key) const { return read().contains(key); }

  std::size_t count(std::string_view key) const { return read().count(key); }

  const std::string& at(const std::string& key) const { return read().at(key); }

  std::string& operator[](std::string_view key) {
    Map& map = entries_.edit();
    const auto found = map.find(key);
    return found != map.end() ? found->second : map[std::string(key)];
  }

  // As the maps of the standard library.
  std::pair<const_iterator, bool> emplace(std::string_view key, std::string value) {
    return entries_.edit().emplace(std::string(key), std::move(value));
  }

  std::pair<const_iterator, bool> try_emplace(std::string_view key, std::string value) {
    return entries_.edit().try_emplace(std::string(key), std::move(value));
  }

  std::pair<const_iterator, bool> insert(value_type entry) {
    return entries_.edit().insert(std::move(entry));
  }

  template <typename Iterator>
  void insert(Iterator first, Iterator last) {
    if (first != last) {
      entries_.edit().insert(first, last);
    }
  }

  std::pair<const_iterator, bool> insert_or_assign(std::string_view key, std::string value) {
    return entries_.edit().insert_or_assign(std::string(key), std::move(value));
  }

  void erase(const_iterator at) { erase(std::string(at->first)); }

  std::size_t erase(std::string_view key) {
    if (!contains(key)) {
      return 0;
    }
    Map& map = entries_.edit();
    map.erase(map.find(key));
    return 1;
  }

  void clear() { entries_.reset(); }

  bool shares(const StringMap& other) const { return entries_.shares(other.entries_); }

  friend bool operator==(const StringMap&, const StringMap&) = default;

  friend auto operator<=>(const StringMap& a, const StringMap& b) { return a.read() <=> b.read(); }

  template <typename Predicate>
  friend std::size_t erase_if(StringMap& map, Predicate predicate) {
    return std::erase_if(map.entries_.edit(), predicate);
  }

 private:
  const Map& read() const { return entries_.read(); }

  base::Cow<Map> entries_;
};

}  // namespace k8s

// Reads a small configuration document strictly: every member has a type and a range, members that
// nobody asks for are problems, and each problem names its field. For the account document and for
// scenarios of simulated days.
//
//   FieldProblems problems;
//   DocumentReader root(object, "spec.", problems);
//   const auto days = root.count("days", 1);
//   root.each("jobs", [&](DocumentReader& job) { ... job.text("name") ... });
//   root.finish();                                     // Unknown members.
//
// Thread rule: one owner. Borrows the object and the problems.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "k8s/meta.h"
#include "k8s/time.h"

namespace sim {

struct FieldProblem {
  std::string path;  // "spec.jobs[0].name"
  std::string text;

  std::string sentence() const { return path + ": " + text; }
};

using FieldProblems = std::vector<FieldProblem>;

class DocumentReader {
 public:
  // `prefix` stands before the names of members: "" or "a.b.".
  DocumentReader(const boost::json::object& object, std::string prefix, FieldProblems& problems);

  bool has(std::string_view key) { return take(key) != nullptr; }

  // Absent members and nulls give the fallback; so does a problem.
  std::string text(std::string_view key, std::string fallback = {});
  std::int64_t count(std::string_view key, std::int64_t fallback, std::int64_t least = 0);
  double number(std::string_view key, double fallback, double least, double most);
  k8s::DurationNs duration(std::string_view key, k8s::DurationNs fallback);
  // A text, or a number as it is written: quantities.
  std::string scalar(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  k8s::StringMap map_of_texts(std::string_view key);
  // nullptr when absent.
  const boost::json::object* object(std::string_view key);

  // Members of the list or of the map, each a map itself.
  template <typename Visit>
  void each(std::string_view key, Visit visit) {
    const std::size_t size = list_size(key);
    for (std::size_t i = 0; i < size; ++i) {
      if (const boost::json::object* item = list_item(key, i)) {
        DocumentReader reader(*item, item_path(key, i) + ".", problems_);
        visit(reader);
        reader.finish();
      }
    }
  }

  template <typename Visit>
  void nested(std::string_view key, Visit visit) {
    if (const boost::json::object* inner = object(key)) {
      DocumentReader reader(*inner, path_of(key) + ".", problems_);
      visit(reader);
      reader.finish();
    }
  }

  void complain(std::string_view key, std::string text);
  // Members that nobody asked for.
  void finish();

  std::string path_of(std::string_view key) const;

 private:
  const boost::json::value* take(std::string_view key);
  std::size_t list_size(std::string_view key);
  const boost::json::object* list_item(std::string_view key, std::size_t index);
  static std::string item_name(std::string_view key, std::size_t index);
  std::string item_path(std::string_view key, std::size_t index) const;

  const boost::json::object& object_;
  std::string prefix_;
  FieldProblems& problems_;
  std::vector<std::string> known_;
};

}  // namespace sim

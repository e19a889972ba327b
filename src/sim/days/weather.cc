#include "sim/days/weather.h"

#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace sim::days {

namespace {

std::string describe(const OfferFilter& filter) {
  std::vector<std::string> parts;
  for (const auto* list : {&filter.instance_types, &filter.zones, &filter.capacity_types}) {
    if (!list->empty()) {
      parts.push_back(base::join(*list, ", "));
    }
  }
  return parts.empty() ? "everything" : base::join(parts, " in ");
}

}  // namespace

Weather::Weather(runtime::Executor& executor,
                 Sandbox& sandbox,
                 const Scenario& scenario,
                 std::uint64_t seed,
                 Listener listener)
    : env_(executor, seed),
      sandbox_(sandbox),
      scenario_(scenario),
      listener_(std::move(listener)) {}

void Weather::start(const Calendar& calendar) {
  sandbox_.cloud().watch_machines(
      env_.guard([this](const Machine& machine) { on_machine(machine); }));
  sandbox_.cloud().watch_interruptions(
      env_.guard([this](const Ec2Cloud::Interruption& notice) { on_notice(notice.provider_id); }));
  for (const Reclaim& one : scenario_.reclaims) {
    for (const k8s::TimeNs at : calendar.moments(one.at)) {
      env_.after(at - env_.now(), [this, &one] { reclaim(one); });
    }
  }
  for (const Shortage& shortage : scenario_.shortages) {
    for (const Calendar::Window& window : calendar.windows(shortage.when)) {
      env_.after(window.from - env_.now(),
                 [this, &shortage, until = window.to] { sell_out(shortage, until); });
    }
  }
  for (const DayTime& time : scenario_.image_releases) {
    for (const k8s::TimeNs at : calendar.moments(time)) {
      env_.after(at - env_.now(), [this] { release_images(); });
    }
  }
}

void Weather::on_machine(const Machine& machine) {
  if (machine.capacity_type != cloud::capacity_type::kSpot) {
    return;
  }
  if (machine.state > MachineState::kRunning) {
    spot_.erase(machine.provider_id);
    return;
  }
  const bool is_new = spot_.insert_or_assign(machine.provider_id, machine).second;
  if (is_new && scenario_.interruptions_per_node_day > 0) {
    const double mean = static_cast<double>(k8s::kDay) / scenario_.interruptions_per_node_day;
    const auto life = static_cast<k8s::DurationNs>(-std::log(1 - env_.rng().unit()) * mean);
    env_.after(life, [this, id = machine.provider_id] { sandbox_.cloud().interrupt(id); });
  }
}

void Weather::on_notice(const std::string& provider_id) {
  const auto found = spot_.find(provider_id);
  if (found == spot_.end()) {
    return;
  }
  listener_.on_interruption(found->second.claim_name);
  k8s::WriteRequest request{};
  request.verb = k8s::Verb::kDelete;
  request.key = {k8s::Kind::kNodeClaim, "", found->second.claim_name};
  sandbox_.kube().write(std::move(request), [](const base::Result<k8s::ObjectPtr>&) {});
}

void Weather::reclaim(const Reclaim& reclaim) {
  std::vector<std::string> chosen;
  for (const auto& [id, machine] : spot_) {
    if (reclaim.what.allows(machine.zone, machine.instance_type, machine.capacity_type) &&
        env_.rng().chance(reclaim.share)) {
      chosen.push_back(id);
    }
  }
  listener_.on_news(fmt::format("{} spot machines are reclaimed", chosen.size()));
  for (const std::string& id : chosen) {
    sandbox_.cloud().interrupt(id);
  }
}

void Weather::sell_out(const Shortage& shortage, k8s::TimeNs until) {
  std::size_t count = 0;
  for (const cloud::InstanceType& type : sandbox_.catalogue()->types) {
    for (const cloud::Offering& offering : type.offerings) {
      if (shortage.what.allows(offering.zone, type.name, offering.capacity_type)) {
        sandbox_.cloud().sell_out({.instance_type = type.name,
                                   .zone = offering.zone,
                                   .capacity_type = offering.capacity_type},
                                  until);
        ++count;
      }
    }
  }
  listener_.on_news(fmt::format("{} is sold out until {} ({} offerings)",
                                describe(shortage.what),
                                k8s::format_time(until),
                                count));
}

void Weather::release_images() {
  sandbox_.cloud().release_images();
  listener_.on_news("new machine images: nodes with the old ones have drifted");
}

}  // namespace sim::days

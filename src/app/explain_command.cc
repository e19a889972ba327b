#include "app/explain_command.h"

#include <boost/json.hpp>

#include "app/exit_code.h"
#include "app/json_text.h"
#include "base/money.h"
#include "explain/node.h"
#include "runtime/process.h"

namespace app {
namespace {

namespace json = boost::json;

json::value alternative(const explain::NodeVerdict& verdict) {
  if (!verdict.alternative) {
    return nullptr;
  }
  const explain::Alternative& one = *verdict.alternative;
  return json::object{{"instanceType", one.instance_type},
                      {"zone", one.zone},
                      {"capacityType", one.capacity_type},
                      {"price", base::rounded_dollars(one.price)},
                      {"launches", one.launches},
                      {"cheaperTypes", one.cheaper_types}};
}

json::value document(const explain::NodeVerdict& verdict) {
  json::array budgets;
  for (const explain::BudgetState& budget : verdict.budgets) {
    budgets.push_back(json::object{{"reason", budget.reason},
                                   {"nodes", budget.nodes},
                                   {"allowed", budget.allowed},
                                   {"disrupting", budget.disrupting}});
  }
  return json::object{{"node", verdict.node},
                      {"nodePool", verdict.pool},
                      {"instanceType", verdict.instance_type},
                      {"zone", verdict.zone},
                      {"capacityType", verdict.capacity_type},
                      {"price", base::rounded_dollars(verdict.price)},
                      {"pods", verdict.pods},
                      {"disruptionCost", verdict.disruption_cost},
                      {"fate", std::string(explain::name_of(verdict.fate))},
                      {"reason", verdict.reason},
                      {"savingsPerHour", base::rounded_dollars(verdict.savings)},
                      {"alternative", alternative(verdict)},
                      {"budgets", std::move(budgets)}};
}

base::Result<std::string> explain(const ExplainArguments& arguments) {
  const RunningCluster cluster = TRY(read_running_cluster(arguments.plan));
  plan::PlanMemory memory;
  disrupt::Pass pass(*cluster.snapshot, cluster.settings, memory);
  const explain::NodeVerdict verdict = TRY(explain::explain_node(pass, arguments.name));
  return arguments.plan.output == "json" ? pretty_json(document(verdict)) + "\n"
                                         : explain::to_text(verdict);
}

}  // namespace

int explain_command(const ExplainArguments& arguments) {
  const base::Result<std::string> text = explain(arguments);
  if (!text) {
    runtime::complain(text.error().detail);
    return kExitUsage;
  }
  return runtime::write_text(runtime::Stream::kOut, *text) ? kExitOk : kExitFailed;
}

}  // namespace app

#include <utility>

#include <benchmark/benchmark.h>

#include "cloud/ec2/build.h"
#include "cloud/ec2/facts.h"
#include "cloud/kwok/catalogue.h"

namespace {

void load(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(cloud::ec2::embedded_facts());
  }
}

void build(benchmark::State& state) {
  const cloud::ec2::Facts facts = cloud::ec2::embedded_facts();
  cloud::ec2::ClassView view;
  view.region = "us-east-1";
  // The old catalogue dies outside of the measured time: in the controller its last reader pays.
  cloud::CataloguePtr catalogue;
  for (auto _ : state) {
    cloud::CataloguePtr next = *cloud::ec2::build_catalogue(facts, view);
    state.PauseTiming();
    catalogue = std::move(next);
    state.ResumeTiming();
  }
  benchmark::DoNotOptimize(catalogue);
}

void kwok(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(cloud::kwok::embedded_catalogue());
  }
}

BENCHMARK(load)->Name("cloud/catalogue/load")->Unit(benchmark::kMillisecond);
BENCHMARK(build)->Name("cloud/catalogue/build/us-east-1")->Unit(benchmark::kMillisecond);
BENCHMARK(kwok)->Name("cloud/catalogue/kwok")->Unit(benchmark::kMillisecond);

}  // namespace

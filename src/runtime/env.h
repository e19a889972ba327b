// What a component may ask of the world it runs in, bundled. Built once, in app/ or sim/, and taken
// apart there: constructors take the members that they need, not the bundle.
#pragma once

#include "runtime/executor.h"
#include "runtime/log.h"
#include "runtime/rng.h"

namespace runtime {

struct Env {
  Executor& executor;
  Rng& rng;
  LogSink& log;
};

}  // namespace runtime

#include <cstdio>

#include "lensfind/evaluate/curves.h"
#include "lensfind/model/model.h"
#include "lensfind/network/networks.h"

int main() {
  const lensfind::network::Graph graph = lensfind::network::build_network("resnet18", 3, 64, 2);
  std::printf("%s has %lld parameters\n", graph.name.c_str(), static_cast<long long>(graph.parameter_count()));
  return graph.parameter_count() == 11177538 ? 0 : 1;
}

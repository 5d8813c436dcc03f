// SPDX-License-Identifier: Apache-2.0
//
// usage: connects COUNT: connect to a listener of its own on loopback, accept, close both. A reset ends each
// connection, so that no port waits.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/programs/workload.h"

int main(int argc, char** argv) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof to;
  const struct linger reset = {.l_onoff = 1, .l_linger = 0};
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr*)&to, sizeof to) != 0 || listen(listener, 16) != 0 ||
      getsockname(listener, (struct sockaddr*)&to, &size) != 0) {
    return fail("listen");
  }
  struct pace p = begin_pace((long)number(argc, argv, 1, 1000), 0, 60);
  while (keep_pace(&p)) {
    const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(out, (struct sockaddr*)&to, sizeof to) != 0) return fail("connect");
    const int in = accept(listener, NULL, NULL);
    if (in < 0) return fail("accept");
    setsockopt(out, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(out);
    close(in);
  }
  report(&p);
  return 0;
}

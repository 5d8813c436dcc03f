// SPDX-License-Identifier: Apache-2.0
//
// connect_race COUNT   connects a datagram socket COUNT times, and on until both ports were taken, while a second
// thread swaps the port in the address, and says each time which one the kernel took; then "end".
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in there;
static volatile int over;
static volatile int begun;

static void* swap(void* unused) {
  (void)unused;
  begun = 1;
  while (!over) {
    *(volatile in_port_t*)&there.sin_port = htons(7001);
    *(volatile in_port_t*)&there.sin_port = htons(7002);
  }
  return 0;
}

int main(int argc, char** argv) {
  int count = argc > 1 ? atoi(argv[1]) : 0;
  int seen = 0;
  pthread_t thread;

  there.sin_family = AF_INET;
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  there.sin_port = htons(7001);
  if (pthread_create(&thread, 0, swap, 0)) return 99;
  while (!begun) sched_yield();
  for (int i = 0; i < count || (seen != 3 && i < 20 * count); i++) {
    if (i % 16 == 0) sched_yield(); /* on a busy machine both threads may share a CPU */
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof(peer);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(fd, (struct sockaddr*)&there, sizeof(there)) || getpeername(fd, (struct sockaddr*)&peer, &length))
      return 98;
    seen |= ntohs(peer.sin_port) == 7001 ? 1 : 2;
    printf("%d\n", ntohs(peer.sin_port));
    close(fd);
  }
  over = 1;
  pthread_join(thread, 0);
  puts("end");
  return 0;
}

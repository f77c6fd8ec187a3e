/*
 * A slow, lossy line between hosts of one machine: each host is a network namespace with one tunnel device, and this
 * program carries the packets between them, so many bits a second, so late, and some not at all.
 *
 *   shaper RATE_BITS DELAY_MS LOSS_PER_MILLE SEED
 *
 * Three hosts, 10.77.0.1 to 10.77.0.3, each held by a process whose number is printed: "host 1 PID". Then on stdin:
 *   after N   prints "reached" once N more packets were read from the hosts
 *   cut       nothing passes between hosts 1 and 2
 *   join      it does again
 * Ends with its stdin. Needs the rights to make network namespaces, as root has, or as `unshare -r` gives.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS = 3, PACKET_BYTES = 2048, QUEUE_BYTES = 32 * 1024, MTU = 1400 };

struct packet {
  struct packet *next;
  int64_t due_us;
  int length;
  unsigned char bytes[PACKET_BYTES];
};

/* What one host sent and has not arrived. */
struct uplink {
  int tun;
  struct packet *first, *last;
  int64_t free_us;
  int queued_bytes;
};

static struct uplink uplinks[HOSTS];
static int64_t rate_bits, delay_us;
static unsigned loss_per_mille;
static uint64_t chance;
static long packets_left = -1;
static int is_cut;

static void fail(const char *what) {
  fprintf(stderr, "shaper: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* splitmix64 */
static uint64_t draw(void) {
  uint64_t z = (chance += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

static void set_flags(int control, const char *name) {
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(control, SIOCGIFFLAGS, &request) < 0) fail("flags");
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) < 0) fail("up");
}

static void set_address(int control, unsigned long what, const char *text) {
  struct ifreq request = {0};
  struct sockaddr_in *address = (struct sockaddr_in *)&request.ifr_addr;
  strncpy(request.ifr_name, "wan0", IFNAMSIZ - 1);
  address->sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &address->sin_addr) != 1) fail("address");
  if (ioctl(control, what, &request) < 0) fail("set address");
}

/* The tunnel of a new namespace, which is this process's from now on. */
static int open_host(int number) {
  char text[INET_ADDRSTRLEN];
  struct ifreq request = {0};
  if (unshare(CLONE_NEWNET) < 0) fail("namespace");
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (tun < 0) fail("/dev/net/tun");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, "wan0", IFNAMSIZ - 1);
  if (ioctl(tun, TUNSETIFF, &request) < 0) fail("tunnel");
  int control = socket(AF_INET, SOCK_DGRAM, 0);
  if (control < 0) fail("socket");
  snprintf(text, sizeof text, "10.77.0.%d", number);
  set_address(control, SIOCSIFADDR, text);
  set_address(control, SIOCSIFNETMASK, "255.255.255.0");
  request.ifr_mtu = MTU;
  if (ioctl(control, SIOCSIFMTU, &request) < 0) fail("mtu");
  set_flags(control, "wan0");
  set_flags(control, "lo");
  close(control);
  return tun;
}

static void send_descriptor(int channel, int descriptor) {
  char byte = 0, space[CMSG_SPACE(sizeof(int))] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
  if (sendmsg(channel, &message, 0) < 0) fail("send descriptor");
}

static int receive_descriptor(int channel) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  int descriptor = -1;
  if (recvmsg(channel, &message, 0) <= 0 || CMSG_FIRSTHDR(&message) == NULL) exit(1);
  memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
  return descriptor;
}

/* Begins the process that holds a host, and takes its tunnel. */
static void begin_host(int number) {
  int channel[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel) < 0) fail("socketpair");
  pid_t holder = fork();
  if (holder < 0) fail("fork");
  if (holder == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(channel[0]);
    send_descriptor(channel[1], open_host(number));
    for (;;) pause();
  }
  close(channel[1]);
  uplinks[number - 1].tun = receive_descriptor(channel[0]);
  close(channel[0]);
  printf("host %d %d\n", number, (int)holder);
  fflush(stdout);
}

/* The host that a packet is for, or -1. */
static int target_of(const struct packet *packet) {
  const unsigned char *ip = packet->bytes;
  if (packet->length < 20 || ip[0] >> 4 != 4) return -1;
  if (ip[16] != 10 || ip[17] != 77 || ip[18] != 0 || ip[19] < 1 || ip[19] > HOSTS) return -1;
  return ip[19] - 1;
}

static void take(int from) {
  struct uplink *up = &uplinks[from];
  struct packet *packet = malloc(sizeof *packet);
  if (packet == NULL) fail("memory");
  packet->length = (int)read(up->tun, packet->bytes, PACKET_BYTES);
  if (packet->length <= 0) {
    free(packet);
    return;
  }
  if (packets_left > 0 && --packets_left == 0) {
    puts("reached");
    fflush(stdout);
  }
  int to = target_of(packet);
  int is_parted = is_cut && to >= 0 && from + to == 1;
  int is_full = up->queued_bytes + packet->length > QUEUE_BYTES;
  if (to < 0 || is_parted || is_full || draw() % 1000 < loss_per_mille) {
    free(packet);
    return;
  }
  int64_t start = up->free_us > now_us() ? up->free_us : now_us();
  up->free_us = start + (int64_t)packet->length * 8 * 1000000 / rate_bits;
  packet->due_us = up->free_us + delay_us;
  packet->next = NULL;
  if (up->last != NULL) up->last->next = packet;
  else up->first = packet;
  up->last = packet;
  up->queued_bytes += packet->length;
}

/* Lets arrive what is due; how long until the next is, in milliseconds. */
static int deliver(void) {
  int64_t next_us = 1000000;
  for (int from = 0; from < HOSTS; from += 1) {
    struct uplink *up = &uplinks[from];
    while (up->first != NULL && up->first->due_us <= now_us()) {
      struct packet *packet = up->first;
      int to = target_of(packet);
      up->first = packet->next;
      if (up->first == NULL) up->last = NULL;
      up->queued_bytes -= packet->length;
      /* a host whose device is full has lost it, as on any line */
      if (write(uplinks[to].tun, packet->bytes, (size_t)packet->length) < 0) errno = 0;
      free(packet);
    }
    if (up->first != NULL && up->first->due_us - now_us() < next_us) next_us = up->first->due_us - now_us();
  }
  return next_us < 0 ? 0 : (int)(next_us / 1000) + 1;
}

/* Zero at the end of stdin. */
static int obey(void) {
  char line[64];
  if (fgets(line, sizeof line, stdin) == NULL) return 0;
  if (sscanf(line, "after %ld", &packets_left) == 1) return 1;
  is_cut = strncmp(line, "cut", 3) == 0;
  return 1;
}

int main(int count, char **words) {
  if (count != 5) return 2;
  rate_bits = atol(words[1]);
  delay_us = atol(words[2]) * 1000;
  loss_per_mille = (unsigned)atoi(words[3]);
  chance = strtoull(words[4], NULL, 10);
  setvbuf(stdin, NULL, _IONBF, 0);
  for (int number = 1; number <= HOSTS; number += 1) begin_host(number);
  for (;;) {
    struct pollfd waiting[HOSTS + 1];
    for (int host = 0; host < HOSTS; host += 1) waiting[host] = (struct pollfd){uplinks[host].tun, POLLIN, 0};
    waiting[HOSTS] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
    if (poll(waiting, HOSTS + 1, deliver()) < 0 && errno != EINTR) fail("poll");
    for (int host = 0; host < HOSTS; host += 1)
      if (waiting[host].revents & POLLIN) take(host);
    if ((waiting[HOSTS].revents & (POLLIN | POLLHUP)) && !obey()) return 0;
  }
}

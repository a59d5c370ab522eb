/*
 * Reads the records of ring-fill.bpf.o with libbpf. It waits for a line on standard input, fills the buffer with so many
 * records, reads them, and prints how many it read, their nanoseconds in all, and a sum over their fields, so that no
 * field's load can be dropped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

struct sample {
	unsigned long long sequence, bytes;
	unsigned int pid, cpu, port, flags;
};

static unsigned long long sum;

static int on_sample(void *context, void *data, size_t size)
{
	const struct sample *sample = data;

	(void)context;
	(void)size;
	sum += sample->sequence + sample->bytes + sample->pid + sample->cpu + sample->port + sample->flags;
	return 0;
}

static long long nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

int main(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
	struct ring_buffer *ring;
	struct bpf_program *fill;
	char packet[64] = { 0 };
	int records;

	if (argc != 2 || !object || bpf_object__load(object)) {
		fprintf(stderr, "ring-reader: cannot load the object\n");
		return 1;
	}
	fill = bpf_object__find_program_by_name(object, "fill");
	ring = ring_buffer__new(bpf_object__find_map_fd_by_name(object, "samples"), on_sample, NULL, NULL);
	if (!fill || !ring) {
		fprintf(stderr, "ring-reader: no program fill, or no ring buffer samples\n");
		return 1;
	}
	while (scanf("%d", &records) == 1) {
		LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof(packet), .repeat = records);
		long long start;
		int read;

		if (bpf_prog_test_run_opts(bpf_program__fd(fill), &options)) {
			perror("ring-reader: BPF_PROG_TEST_RUN");
			return 1;
		}
		sum = 0;
		start = nanoseconds();
		read = ring_buffer__consume(ring);
		printf("%d %lld %llu\n", read, nanoseconds() - start, sum);
		fflush(stdout);
	}
	ring_buffer__free(ring);
	bpf_object__close(object);
	return 0;
}

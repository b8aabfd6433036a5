/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on handles, jobs, VMOs and mappings as a program makes them:
 * each status, and which of two wrongs is told. */
#include "fake.h"

#include <kernel/arguments.h>

#define WILD UINT32_C(0x7ff00001)

static struct process *self, *child;
static nx_handle_t port_h, vmo_h, job_h, child_h, bare_h;

static nx_handle_t dup_rights(nx_handle_t source, nx_rights_t rights)
{
	nx_handle_t out = NX_HANDLE_NONE;

	return sys_handle_dup(source, rights, 0, NX_HANDLE_NONE, &out) == NX_OK
		       ? out
		       : NX_HANDLE_NONE;
}

static void start(void)
{
	struct object *object;

	fake_boot(1);
	self = fake_thread.process = fake_process(root_job, 42);
	child = fake_process(root_job, 43);
	child->state = NX_PROCESS_NEW;
	handle_install_new(&self->handles, &child->object, &child_h);
	handle_install_new(&self->handles, &root_job->object, &job_h);
	object = &fake_port(root_job)->object;
	handle_install_new(&self->handles, object, &port_h);
	object_unref(object);
	sys_vmo_create(NX_HANDLE_NONE, 2 * NX_PAGE_SIZE, &vmo_h);
	bare_h = dup_rights(vmo_h, 0);
}

static void stop(void)
{
	object_unref(&child->object);
	process_end(self, NX_PROCESS_EXITED, 0);
	object_unref(&self->object);
	ok(fake_is_empty(), "nothing is left");
}

struct info {
	uint32_t kind;
	nx_rights_t rights;
	uint64_t identity, id, state, value;
};

static nx_status_t info_of(nx_handle_t handle, struct info *info)
{
	return sys_handle_info(handle, &info->kind, &info->rights,
			       &info->identity, &info->id, &info->state,
			       &info->value);
}

struct dup_row {
	const char *what;
	const nx_handle_t *source;
	nx_rights_t rights;
	uint32_t badge;
	const nx_handle_t *process;
	nx_status_t status;
};

static const nx_handle_t none, wild = WILD, caller = NX_HANDLE_CALLER;
static nx_handle_t badged_h, unmanaged_h, untransferable_h, weak_child_h;

static const struct dup_row dup_rows[] = {
	{ "unknown rights", &wild, 0x10000, 0, &none, NX_ERR_INVALID_ARGS },
	{ "SAME and more", &vmo_h, NX_RIGHTS_SAME | 1, 0, &none,
	  NX_ERR_INVALID_ARGS },
	{ "a wild source", &wild, NX_RIGHTS_SAME, 0, &none, NX_ERR_BAD_HANDLE },
	{ "a source without DUP", &bare_h, NX_RIGHTS_SAME, 0, &none,
	  NX_ERR_ACCESS_DENIED },
	{ "a source without TRANSFER to a child", &untransferable_h,
	  NX_RIGHTS_SAME, 0, &child_h, NX_ERR_ACCESS_DENIED },
	{ "a badge on a VMO", &vmo_h, NX_RIGHTS_SAME, 1, &none,
	  NX_ERR_INVALID_ARGS },
	{ "a badge on a badge", &badged_h, NX_RIGHTS_SAME, 2, &none,
	  NX_ERR_BAD_STATE },
	{ "a badge without MANAGE", &unmanaged_h, NX_RIGHTS_SAME, 2, &none,
	  NX_ERR_ACCESS_DENIED },
	{ "a wild process", &vmo_h, NX_RIGHTS_SAME, 0, &wild,
	  NX_ERR_BAD_HANDLE },
	{ "a process that is a VMO", &vmo_h, NX_RIGHTS_SAME, 0, &vmo_h,
	  NX_ERR_WRONG_KIND },
	{ "a process without MANAGE", &vmo_h, NX_RIGHTS_SAME, 0, &weak_child_h,
	  NX_ERR_ACCESS_DENIED },
	{ "the caller with a badge", &caller, NX_RIGHTS_SAME, 1, &none,
	  NX_ERR_INVALID_ARGS },
	{ "the caller with rights", &caller, NX_RIGHT_SEND, 0, &none,
	  NX_ERR_INVALID_ARGS },
	{ "the caller when there is none", &caller, NX_RIGHTS_SAME, 0, &none,
	  NX_ERR_BAD_STATE },
};

static void dup_errors(void)
{
	nx_handle_t out = 77;

	start();
	sys_handle_dup(port_h, NX_RIGHTS_SAME, 9, 0, &badged_h);
	unmanaged_h = dup_rights(port_h, NX_RIGHTS_ALL & ~NX_RIGHT_MANAGE);
	untransferable_h =
		dup_rights(vmo_h, NX_RIGHTS_ALL & ~NX_RIGHT_TRANSFER);
	weak_child_h = dup_rights(child_h, NX_RIGHTS_ALL & ~NX_RIGHT_MANAGE);
	for (unsigned i = 0; i < ARRAY_COUNT(dup_rows); i++) {
		const struct dup_row *row = &dup_rows[i];

		is_i64(sys_handle_dup(*row->source, row->rights, row->badge,
				      *row->process, &out),
		       row->status, "handle_dup: %s", row->what);
	}
	child->state = NX_PROCESS_RUNNING;
	is_i64(sys_handle_dup(vmo_h, NX_RIGHTS_SAME, 0, child_h, &out),
	       NX_ERR_BAD_STATE, "handle_dup: a child that has started");
	is_u64(out, 77, "a refused handle_dup writes nothing");
	stop();
}

static void dup_works(void)
{
	struct info info;
	struct handle *handle = NULL;
	nx_handle_t one, two, given;

	start();
	one = dup_rights(vmo_h, NX_RIGHT_READ | NX_RIGHT_RECV | NX_RIGHT_DUP);
	info_of(one, &info);
	is_u64(info.rights, NX_RIGHT_READ | NX_RIGHT_DUP,
	       "rights are cut, never added");
	two = dup_rights(one, NX_RIGHTS_ALL);
	info_of(two, &info);
	is_u64(info.rights, NX_RIGHT_READ | NX_RIGHT_DUP,
	       "asking for all gives what the source has");
	sys_handle_dup(port_h, NX_RIGHTS_SAME, 5, 0, &one);
	sys_handle_dup(one, NX_RIGHT_CALL, 0, 0, &two);
	info_of(two, &info);
	is_u64(info.identity, UINT64_C(42) << 32 | 5,
	       "a badge passes on to what is derived");
	is_i64(sys_handle_dup(one, NX_RIGHT_CALL, 0, child_h, &given), NX_OK,
	       "a child that has not started is given a handle");
	is_i64(handle_find(&child->handles, given, NX_KIND_PORT, NX_RIGHT_CALL,
			   &handle),
	       NX_OK, "whose number is valid there");
	is_u64(handle->identity, UINT64_C(43) << 32 | 5,
	       "with the child's service id");
	is_i64(sys_handle_revoke(one), NX_OK, "revoke");
	ok(info_of(two, &info) == NX_ERR_BAD_HANDLE &&
		   handle_find(&child->handles, given, NX_KIND_NONE, 0,
			       &handle) == NX_ERR_BAD_HANDLE,
	   "takes it from both processes");
	is_i64(info_of(one, &info), NX_OK, "but not the handle itself");
	stop();
}

static void close_and_revoke(void)
{
	struct info info;
	nx_handle_t copy;

	start();
	is_i64(sys_handle_close(WILD), NX_ERR_BAD_HANDLE, "close: wild");
	is_i64(sys_handle_close(NX_HANDLE_CALLER), NX_ERR_BAD_HANDLE,
	       "close: the caller is no handle");
	copy = dup_rights(vmo_h, NX_RIGHTS_SAME);
	is_i64(sys_handle_close(copy), NX_OK, "close");
	is_i64(sys_handle_close(copy), NX_ERR_BAD_HANDLE, "close: stale");
	is_i64(sys_handle_revoke(WILD), NX_ERR_BAD_HANDLE, "revoke: wild");
	is_i64(sys_handle_revoke(bare_h), NX_ERR_ACCESS_DENIED,
	       "revoke: a VMO needs DUP");
	copy = dup_rights(port_h, NX_RIGHT_DUP);
	is_i64(sys_handle_revoke(copy), NX_ERR_ACCESS_DENIED,
	       "revoke: a port needs MANAGE");
	is_i64(sys_handle_revoke(vmo_h), NX_OK, "revoke a VMO's handles");
	is_i64(info_of(bare_h, &info), NX_ERR_BAD_HANDLE, "they are gone");
	stop();
}

static void infos(void)
{
	struct info info;

	start();
	is_i64(info_of(WILD, &info), NX_ERR_BAD_HANDLE, "info: wild");
	sys_vmo_seal(vmo_h, NX_SEAL_WRITE);
	is_i64(info_of(vmo_h, &info), NX_OK, "info of a VMO");
	ok(info.kind == NX_KIND_VMO && info.state == NX_SEAL_WRITE &&
		   info.value == 2 * NX_PAGE_SIZE,
	   "has seals and size");
	info_of(port_h, &info);
	ok(info.kind == NX_KIND_PORT && info.state == 1 && info.value == 0,
	   "info of a port has open and generation");
	info_of(job_h, &info);
	ok(info.kind == NX_KIND_JOB && info.state == 0 && info.value == 0 &&
		   info.id == root_job->object.id,
	   "info of a job has none, but an id");
	child->exit_code = -3;
	info_of(child_h, &info);
	ok(info.state == NX_PROCESS_NEW && (int64_t)info.value == -3,
	   "info of a process has state and exit code");
	stop();
}

static void vmo_calls(void)
{
	uint64_t size, content;
	uint32_t seals, count;
	nx_handle_t slice = 0, readable, out = 77;
	const nx_uaddr_t user = FAKE_USER_BASE;

	start();
	is_i64(sys_vmo_create(WILD, 0, &out), NX_ERR_INVALID_ARGS,
	       "vmo_create: arguments are told first");
	is_i64(sys_vmo_create(WILD, 1, &out), NX_ERR_BAD_HANDLE,
	       "vmo_create: a wild job");
	is_i64(sys_vmo_create(vmo_h, 1, &out), NX_ERR_WRONG_KIND,
	       "vmo_create: a job that is a VMO");
	is_i64(sys_vmo_create(dup_rights(job_h, 0), 1, &out),
	       NX_ERR_ACCESS_DENIED, "vmo_create: a job without WRITE");
	memcpy(fake_user, "hello", 5);
	is_i64(sys_vmo_write(vmo_h, NX_PAGE_SIZE - 2, user, 5), NX_OK,
	       "vmo_write across pages");
	memset(fake_user, 0, 5);
	is_i64(sys_vmo_read(vmo_h, NX_PAGE_SIZE - 2, user, 5), NX_OK,
	       "vmo_read");
	is_mem(fake_user, "hello", 5, "brings it back");
	is_u64(counters[NX_COUNTER_COPIED_IN], 5, "bytes copied are counted");
	is_i64(sys_vmo_read(vmo_h, 2 * NX_PAGE_SIZE, user, 1),
	       NX_ERR_OUT_OF_RANGE, "vmo_read behind the end");
	is_i64(sys_vmo_write(vmo_h, 1, user, UINT64_MAX), NX_ERR_OUT_OF_RANGE,
	       "vmo_write of a sum that overflows");
	is_i64(sys_vmo_read(bare_h, 0, user, 1), NX_ERR_ACCESS_DENIED,
	       "vmo_read without READ");
	is_i64(sys_vmo_write(bare_h, 0, user, 1), NX_ERR_ACCESS_DENIED,
	       "vmo_write without WRITE");
	is_i64(sys_vmo_read(vmo_h, 0, 8, 1), NX_ERR_BAD_ADDRESS,
	       "vmo_read to a hole");
	is_i64(sys_vmo_write(vmo_h, 0, UINT64_MAX - 3, 8), NX_ERR_BAD_ADDRESS,
	       "vmo_write from an address that overflows");
	is_i64(sys_vmo_read(vmo_h, 0, UINT64_C(1) << 63, 8), NX_ERR_BAD_ADDRESS,
	       "vmo_read to the kernel's half");
	is_i64(sys_vmo_read(vmo_h, 0, UINT64_MAX, 0), NX_OK,
	       "nothing can be copied anywhere");
	is_i64(sys_vmo_slice(WILD, 0, 0, &slice), NX_ERR_INVALID_ARGS,
	       "vmo_slice: size 0");
	is_i64(sys_vmo_slice(bare_h, 0, 1, &slice), NX_ERR_ACCESS_DENIED,
	       "vmo_slice without SLICE");
	readable = dup_rights(vmo_h, NX_RIGHT_READ | NX_RIGHT_SLICE |
					     NX_RIGHT_INSPECT);
	is_i64(sys_vmo_slice(readable, NX_PAGE_SIZE, 3, &slice), NX_OK,
	       "vmo_slice");
	is_i64(sys_vmo_write(slice, 0, user, 1), NX_ERR_ACCESS_DENIED,
	       "has no more rights than its source");
	is_i64(sys_vmo_read(slice, 0, user, 3), NX_OK, "can be read");
	is_mem(fake_user, "llo", 3, "and shows its part");
	is_i64(sys_vmo_info(slice, &size, &content, &seals, &count), NX_OK,
	       "vmo_info");
	ok(size == NX_PAGE_SIZE && content == 3 && seals == 0 && count == 0,
	   "tells sizes, seals and mappings");
	is_i64(sys_vmo_info(bare_h, &size, &content, &seals, &count),
	       NX_ERR_ACCESS_DENIED, "vmo_info without INSPECT");
	is_i64(sys_vmo_set_content(vmo_h, 2 * NX_PAGE_SIZE + 1),
	       NX_ERR_OUT_OF_RANGE, "vmo_set_content over the size");
	is_i64(sys_vmo_set_content(slice, 1), NX_ERR_ACCESS_DENIED,
	       "vmo_set_content without SEAL");
	is_i64(sys_vmo_set_content(vmo_h, 7), NX_OK, "vmo_set_content");
	is_i64(sys_vmo_seal(vmo_h, 8), NX_ERR_INVALID_ARGS,
	       "vmo_seal: an unknown seal");
	is_i64(sys_vmo_seal(slice, NX_SEAL_WRITE), NX_ERR_ACCESS_DENIED,
	       "vmo_seal without SEAL");
	is_i64(sys_vmo_seal(vmo_h, NX_SEAL_WRITE), NX_OK, "vmo_seal");
	is_i64(sys_vmo_write(vmo_h, 0, user, 1), NX_ERR_SEALED,
	       "vmo_write to a sealed VMO");
	is_i64(sys_vmo_set_content(vmo_h, 8), NX_ERR_SEALED,
	       "vmo_set_content of a sealed VMO");
	is_i64(sys_handle_revoke(vmo_h), NX_OK, "revoke of the root");
	is_i64(sys_vmo_read(slice, 0, user, 3), NX_ERR_BAD_HANDLE,
	       "takes the slices made through it");
	is_u64(out, 77, "refused calls wrote nothing");
	stop();
}

struct map_row {
	nx_rights_t rights;
	uint32_t access;
	nx_status_t status;
};

#define READ NX_RIGHT_READ
#define WRITE NX_RIGHT_WRITE
#define MAP NX_RIGHT_MAP

static const struct map_row map_rows[] = {
	{ READ | WRITE, NX_MAP_READ, NX_ERR_ACCESS_DENIED },
	{ MAP, NX_MAP_READ, NX_ERR_ACCESS_DENIED },
	{ MAP | READ, NX_MAP_READ | NX_MAP_WRITE, NX_ERR_ACCESS_DENIED },
	{ MAP | READ | WRITE, NX_MAP_EXEC, NX_ERR_ACCESS_DENIED },
	{ MAP | READ, NX_MAP_READ, NX_OK },
	{ MAP | READ | WRITE, NX_MAP_READ | NX_MAP_WRITE, NX_OK },
	{ MAP | NX_RIGHT_EXEC, NX_MAP_EXEC, NX_ERR_BAD_STATE },
};

static void map_calls(void)
{
	nx_uaddr_t at = 77;
	nx_handle_t weak;

	start();
	is_i64(sys_map(WILD, WILD, 0, NX_PAGE_SIZE, 0x10, 0, &at),
	       NX_ERR_INVALID_ARGS, "map: an unknown bit is told first");
	is_i64(sys_map(WILD, WILD, 0, NX_PAGE_SIZE, NX_MAP_READ, 0, &at),
	       NX_ERR_BAD_HANDLE, "map: a wild process");
	is_i64(sys_map(0, WILD, 0, NX_PAGE_SIZE, NX_MAP_READ, 0, &at),
	       NX_ERR_BAD_HANDLE, "map: a wild VMO");
	is_i64(sys_map(0, port_h, 0, NX_PAGE_SIZE, NX_MAP_READ, 0, &at),
	       NX_ERR_WRONG_KIND, "map: a VMO that is a port");
	weak = dup_rights(child_h, NX_RIGHT_MANAGE);
	is_i64(sys_map(weak, vmo_h, 0, NX_PAGE_SIZE, NX_MAP_READ, 0, &at),
	       NX_ERR_ACCESS_DENIED, "map: a process without MAP");
	is_u64(at, 77, "refused calls wrote nothing");
	for (unsigned i = 0; i < ARRAY_COUNT(map_rows); i++)
		is_i64(sys_map(0, dup_rights(vmo_h, map_rows[i].rights), 0,
			       NX_PAGE_SIZE, map_rows[i].access, 0, &at),
		       map_rows[i].status, "map access %u with rights %#x",
		       map_rows[i].access, map_rows[i].rights);
	is_u64(counters[NX_COUNTER_MAPPINGS], 2, "two mappings exist");
	sys_handle_revoke(vmo_h);
	is_u64(counters[NX_COUNTER_MAPPINGS], 0,
	       "revoke of their handle unmaps");
	is_i64(sys_map(child_h, vmo_h, 0, NX_PAGE_SIZE, NX_MAP_READ, 0, &at),
	       NX_OK, "map into a child");
	is_i64(sys_unmap_protect(0, at, NX_PAGE_SIZE, 0), NX_ERR_NOT_FOUND,
	       "it is not in the caller");
	is_i64(sys_unmap_protect(child_h, at, NX_PAGE_SIZE, 8),
	       NX_ERR_INVALID_ARGS, "unmap_protect: an unknown bit");
	is_i64(sys_unmap_protect(weak, at, NX_PAGE_SIZE, 0),
	       NX_ERR_ACCESS_DENIED, "unmap_protect: a process without MAP");
	is_i64(sys_unmap_protect(child_h, at, NX_PAGE_SIZE,
				 NX_MAP_READ | NX_MAP_WRITE),
	       NX_ERR_ACCESS_DENIED, "unmap_protect never adds access");
	is_i64(sys_handle_close(vmo_h), NX_OK, "the handle can be closed");
	is_u64(counters[NX_COUNTER_MAPPINGS], 1, "while the mapping stays");
	is_i64(sys_unmap_protect(child_h, at, NX_PAGE_SIZE, 0), NX_OK,
	       "unmap_protect");
	is_u64(counters[NX_COUNTER_MAPPINGS], 0, "unmaps");
	process_end(child, NX_PROCESS_EXITED, 0);
	is_i64(sys_unmap_protect(child_h, at, NX_PAGE_SIZE, 0),
	       NX_ERR_BAD_STATE, "an ended process has no space");
	stop();
}

struct next {
	uint64_t id, job_id, handles, cpu_ns, name[2];
	uint32_t service_id, state;
};

static nx_status_t next_of(nx_handle_t job, uint64_t after, struct next *next)
{
	return sys_job_next(job, after, &next->id, &next->job_id,
			    &next->service_id, &next->state, &next->handles,
			    &next->cpu_ns, &next->name[0], &next->name[1]);
}

static void job_calls(void)
{
	struct process *third;
	nx_handle_t job = 0, inner, weak = 0;
	struct next next;
	uint64_t of[7];
	struct job *object;

	start();
	weak = dup_rights(job_h, NX_RIGHT_WRITE);
	is_i64(sys_job_create(weak, 1, 1, 1, &job), NX_ERR_ACCESS_DENIED,
	       "job_create without MANAGE");
	is_i64(sys_job_create(vmo_h, 1, 1, 1, &job), NX_ERR_WRONG_KIND,
	       "job_create below a VMO");
	is_i64(sys_job_create(job_h, 100, 10, 2, &job), NX_OK, "job_create");
	is_i64(sys_job_create(job, 101, 1, 1, &inner), NX_ERR_QUOTA_PAGES,
	       "job_create over the parent's quota");
	is_i64(sys_job_create(job, 50, 5, 1, &inner), NX_OK,
	       "a job in the job");
	is_i64(sys_job_stats(weak, of, of + 1, of + 2, of + 3, of + 4, of + 5,
			     of + 6),
	       NX_ERR_ACCESS_DENIED, "job_stats without INSPECT");
	is_i64(sys_job_stats(job, of, of + 1, of + 2, of + 3, of + 4, of + 5,
			     of + 6),
	       NX_OK, "job_stats");
	ok(of[0] == 51 && of[1] == 100 && of[2] == 5 && of[3] == 10 &&
		   of[4] == 1 && of[5] == 2,
	   "counts the child's part and its cell");
	argument_object(inner, NX_KIND_JOB, 0, &object);
	third = fake_process(object, 44);
	is_i64(next_of(job_h, 0, &next), NX_OK, "job_next");
	ok(next.id == self->object.id && next.service_id == 42,
	   "begins with the least id");
	next_of(job_h, next.id, &next);
	ok(next.id == child->object.id && next.state == NX_PROCESS_NEW,
	   "goes on with the next");
	next_of(job_h, next.id, &next);
	ok(next.id == third->object.id && next.job_id == object->object.id &&
		   next.name[0] == 0x6e && next.name[1] == 44,
	   "finds what is in a job of a job");
	is_i64(next_of(job_h, next.id, &next), NX_ERR_NOT_FOUND,
	       "and ends with NOT_FOUND");
	is_i64(next_of(job, 0, &next), NX_OK, "of an inner job");
	is_u64(next.id, third->object.id, "only what is below it");
	is_i64(next_of(weak, 0, &next), NX_ERR_ACCESS_DENIED,
	       "job_next without INSPECT");
	job_kill(object, 1);
	object_unref(&third->object);
	is_i64(next_of(job, 0, &next), NX_ERR_NOT_FOUND,
	       "a killed job has no processes");
	stop();
}

int main(void)
{
	plan(0);
	dup_errors();
	dup_works();
	close_and_revoke();
	infos();
	vmo_calls();
	map_calls();
	job_calls();
	return done();
}

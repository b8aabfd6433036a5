/* SPDX-License-Identifier: BSD-2-Clause */
/* Seconds since 1970 as a date and a time of UTC, without the C library's
 * time zones. */
#include <stdio.h>

#include "trust_internal.h"

#define DAY 86400u

static bool is_leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of_month(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* Days from 1970 to the first of January; leap years before it, counted. */
static uint64_t days_before_year(uint32_t year)
{
	const uint32_t last = year - 1;
	const uint32_t leaps = last / 4 - last / 100 + last / 400;

	return (uint64_t)(year - 1970) * 365 + leaps - 477;
}

/* The digits of "YYYY-MM-DDThh:mm:ssZ" as numbers; false at any other byte. */
static bool read_fields(const char *text, uint32_t fields[6])
{
	static const char form[] = "0000-11-22T33:44:55Z";

	for (size_t i = 0; i < 6; i++)
		fields[i] = 0;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		const char want = form[i];

		if (want < '0' || want > '5') {
			if (text[i] != want)
				return false;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		fields[want - '0'] =
			fields[want - '0'] * 10 + (uint32_t)(text[i] - '0');
	}
	return true;
}

epk_status_t epk_trust_time_read(const char *text, size_t size_bytes,
				 uint64_t *out_seconds)
{
	uint64_t days;
	uint32_t f[6];

	if (text == NULL || out_seconds == NULL ||
	    size_bytes != EPK_TRUST_TIME_SIZE - 1 || !read_fields(text, f))
		return EPK_ERR_INVALID;
	if (f[0] < 1970 || f[1] < 1 || f[1] > 12 || f[2] < 1 ||
	    f[2] > days_of_month(f[0], f[1]) || f[3] > 23 || f[4] > 59 ||
	    f[5] > 59)
		return EPK_ERR_INVALID;
	days = days_before_year(f[0]) + f[2] - 1;
	for (uint32_t month = 1; month < f[1]; month++)
		days += days_of_month(f[0], month);
	*out_seconds =
		days * DAY + f[3] * UINT64_C(3600) + f[4] * UINT64_C(60) + f[5];
	return EPK_OK;
}

epk_status_t epk_trust_time_write(uint64_t seconds,
				  char text[EPK_TRUST_TIME_SIZE])
{
	const uint32_t time = (uint32_t)(seconds % DAY);
	uint64_t days = seconds / DAY;
	uint32_t year;
	uint32_t month = 1;

	if (text == NULL || seconds > EPK_BUILD_EPOCH_MAX)
		return EPK_ERR_INVALID;
	year = (uint32_t)(1970 + days / 366);
	while (year < 9999 && days_before_year(year + 1) <= days)
		year++;
	days -= days_before_year(year);
	while (days >= days_of_month(year, month))
		days -= days_of_month(year, month++);
	(void)snprintf(text, EPK_TRUST_TIME_SIZE,
		       "%04u-%02u-%02uT%02u:%02u:%02uZ", year % 10000,
		       month % 100, (unsigned)(days + 1) % 100,
		       time / 3600 % 100, time / 60 % 60, time % 60);
	return EPK_OK;
}

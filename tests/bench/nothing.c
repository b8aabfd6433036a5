/* SPDX-License-Identifier: BSD-2-Clause */
/* The least program that uses the start files. */
int main(void)
{
	return 0;
}

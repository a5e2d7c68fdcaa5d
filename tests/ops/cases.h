/* The operators and shapes under test, in build_net's language. */
#ifndef TESTS_OPS_CASES_H
#define TESTS_OPS_CASES_H

/* One operator each (and what it needs around it). */
extern const char *const ops_cases[];
extern const int ops_case_count;
/* Small networks. */
extern const char *const ops_net_cases[];
extern const int ops_net_case_count;

#endif

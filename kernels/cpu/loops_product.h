/* Body of the matrix product. Included by loops.c. */
#ifndef PH_CPU_LOOPS_PRODUCT_H
#define PH_CPU_LOOPS_PRODUCT_H

#include "kernels/cpu/loops.h"

typedef float block_sums[PH_BLOCK][PH_PANEL];

/* sum[r][j] += a b for `rows` rows and `columns` columns; inlined with constants where blocks are full, so that the
 * sums stay in registers or the nearest cache. */
static inline void product_sums(const ph_product_loop *l, int64_t first_row, int rows, int64_t first_column,
                                int columns, block_sums sum)
{
    const float *b = l->b + first_column;
    for (int64_t k = 0; k < l->k; k++)
        for (int r = 0; r < rows; r++) {
            const float a = l->a[(first_row + r) * l->a_row + k * l->a_column];
            for (int j = 0; j < columns; j++)
                sum[r][j] += a * b[k * l->n + j];
        }
}

static inline void product_block(const ph_product_loop *l, int64_t first_row, int rows, int64_t first_column,
                                 int columns)
{
    block_sums sum = {{0}};
    for (int r = 0; r < PH_BLOCK; r++)
        for (int j = 0; j < PH_PANEL && l->bias && j < columns; j++)
            sum[r][j] = l->bias[first_column + j];
    if (columns == PH_PANEL && rows == PH_BLOCK)
        product_sums(l, first_row, PH_BLOCK, first_column, PH_PANEL, sum);
    else if (columns == PH_PANEL && rows == 1)
        product_sums(l, first_row, 1, first_column, PH_PANEL, sum);
    else
        product_sums(l, first_row, rows, first_column, columns, sum);
    for (int r = 0; r < PH_BLOCK && r < rows; r++) {
        float *c = l->c + (first_row + r) * l->n + first_column;
        for (int j = 0; j < PH_PANEL && j < columns; j++)
            c[j] = l->add ? c[j] + sum[r][j] : sum[r][j];
    }
}

static void product(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_product_loop l = *(const ph_product_loop *)args;
    const int64_t blocks = (l.m + PH_BLOCK - 1) / PH_BLOCK;
    for (int64_t i = begin; i < end; i++) {
        const int64_t row = i % blocks * PH_BLOCK, column = i / blocks * PH_PANEL;
        product_block(&l, row, (int)(l.m - row < PH_BLOCK ? l.m - row : PH_BLOCK), column,
                      (int)(l.n - column < PH_PANEL ? l.n - column : PH_PANEL));
    }
}

#endif

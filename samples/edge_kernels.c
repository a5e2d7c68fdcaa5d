#include "samples/edge_kernels.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

/* Scales one filter so that its squares sum to one. */
static void normalize(float *filter, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)filter[i] * (double)filter[i];
    const double scale = sum > 0 ? 1 / sqrt(sum) : 0;
    for (size_t i = 0; i < count; i++)
        filter[i] = (float)((double)filter[i] * scale);
}

/* ---- conv1 ------------------------------------------------------------------------------------------------------- */

/* exp(-r^2 / 2 s^2) cos(2 pi u / wavelength + phase), u across the edge, the same in all three colours, mean zero. */
static void gabor(float *filter, double angle, double phase)
{
    const double sigma = 2.4, wavelength = 8;
    enum { SIDE = PH_EDGE_SIDE1, AREA = SIDE * SIDE };
    double mean = 0;
    for (int i = 0; i < AREA; i++) {
        const int column = i % SIDE - SIDE / 2, row = i / SIDE - SIDE / 2;
        const double x = column, y = row;
        const double across = y * cos(angle) - x * sin(angle);
        const double value = exp(-(x * x + y * y) / (2 * sigma * sigma)) * cos(2 * PI * across / wavelength + phase);
        filter[i] = (float)value;
        mean += value / AREA;
    }
    for (int i = 0; i < AREA; i++) {
        filter[i] = (float)((double)filter[i] - mean);
        filter[AREA + i] = filter[2 * AREA + i] = filter[i];
    }
    normalize(filter, (size_t)3 * AREA);
}

/* A soft patch of one colour. */
static void patch(float *filter, const double colour[3])
{
    const double sigma = 2.2;
    enum { SIDE = PH_EDGE_SIDE1, AREA = SIDE * SIDE };
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < AREA; i++) {
            const int column = i % SIDE - SIDE / 2, row = i / SIDE - SIDE / 2;
            const double x = column, y = row;
            filter[c * AREA + i] = (float)(colour[c] * exp(-(x * x + y * y) / (2 * sigma * sigma)));
        }
    normalize(filter, (size_t)3 * AREA);
}

void ph_edge_conv1(float *weights)
{
    static const double colours[PH_EDGE_COLOURS][3] = {{2, -1, -1}, {-1, 2, -1}, {-1, -1, 2},
                                                       {1, 1, -2},  {1, 1, 1},   {-1, -1, -1}};
    const size_t size = (size_t)3 * PH_EDGE_SIDE1 * PH_EDGE_SIDE1;
    for (int angle = 0; angle < PH_EDGE_ANGLES; angle++)
        for (int phase = 0; phase < PH_EDGE_PHASES; phase++) {
            gabor(weights, PI * angle / PH_EDGE_ANGLES, 2 * PI * phase / PH_EDGE_PHASES);
            weights += size;
        }
    for (int colour = 0; colour < PH_EDGE_COLOURS; colour++) {
        patch(weights, colours[colour]);
        weights += size;
    }
}

/* ---- conv2 ------------------------------------------------------------------------------------------------------- */

enum { RED, GREEN, BLUE, YELLOW, WHITE, BLACK, NONE };

/* Which direction of edge a shape wants at polar position (radius, angle). */
typedef enum { TANGENT, RADIUS, SPIRAL_LEFT, SPIRAL_RIGHT, FIXED, CROSS, GRID, CORNER } flow;

typedef struct shape {
    flow direction;
    double from, to;     /* radii of the edges, in steps; soft borders */
    double turn;         /* degrees: direction of FIXED, opening of the arcs and corners */
    int half;            /* only the half on the side of `turn` */
    int inside, outside; /* colours */
} shape;

/* y points down and angles grow clockwise: 90 is below. The order is that of the names in edge_kernels.h's conv3. */
static const shape shapes[PH_EDGE_FEATURES2] = {
    {TANGENT, 1.6, 2.6, 0, 0, RED, BLUE},          /* 0 red ring */
    {TANGENT, 1.6, 2.6, 0, 0, BLUE, YELLOW},       /* 1 blue ring */
    {TANGENT, 1.6, 2.6, 0, 0, BLACK, WHITE},       /* 2 dark ring */
    {RADIUS, 1.2, 3.2, 0, 0, YELLOW, RED},         /* 3 star */
    {SPIRAL_LEFT, 0.8, 3.2, 0, 0, WHITE, BLUE},    /* 4 */
    {SPIRAL_RIGHT, 0.8, 3.2, 0, 0, YELLOW, GREEN}, /* 5 */
    {CROSS, 0.0, 3.2, 0, 0, WHITE, RED},           /* 6 */
    {GRID, 0.0, 3.2, 0, 0, NONE, NONE},            /* 7 */
    {TANGENT, 2.0, 3.2, 0, 1, NONE, NONE},         /* 8 arc open to the left, bulging right */
    {TANGENT, 2.0, 3.2, 45, 1, NONE, NONE},        /* 9 */
    {TANGENT, 2.0, 3.2, 90, 1, NONE, NONE},        /* 10 bulging down */
    {TANGENT, 2.0, 3.2, 135, 1, NONE, NONE},       /* 11 */
    {TANGENT, 2.0, 3.2, 180, 1, NONE, NONE},       /* 12 bulging left */
    {TANGENT, 2.0, 3.2, 225, 1, NONE, NONE},       /* 13 */
    {TANGENT, 2.0, 3.2, 270, 1, NONE, NONE},       /* 14 bulging up */
    {TANGENT, 2.0, 3.2, 315, 1, NONE, NONE},       /* 15 */
    {CORNER, 0.0, 3.2, 90, 0, NONE, NONE},         /* 16 V */
    {CORNER, 0.0, 3.2, 270, 0, NONE, NONE},        /* 17 upside-down V */
    {FIXED, 0.0, 3.0, 0, 0, NONE, NONE},           /* 18 lines: horizontal */
    {FIXED, 0.0, 3.0, 90, 0, NONE, NONE},          /* 19 vertical */
    {FIXED, 0.0, 3.0, 45, 0, NONE, NONE},          /* 20 falling */
    {FIXED, 0.0, 3.0, 135, 0, NONE, NONE},         /* 21 rising */
    {TANGENT, 0.0, 0.0, 0, 0, RED, GREEN},         /* 22 red spot */
    {TANGENT, 0.0, 0.0, 0, 0, GREEN, RED},         /* 23 green spot */
    {TANGENT, 0.0, 0.0, 0, 0, YELLOW, BLUE},       /* 24 yellow spot */
    {TANGENT, 0.0, 0.0, 0, 0, BLUE, YELLOW},       /* 25 blue spot */
};

/* 1 inside [from, to], falling off within a step. */
static double band(double value, double from, double to)
{
    const double away = value < from ? from - value : value > to ? value - to : 0;
    return exp(-away * away / (2 * 0.45 * 0.45));
}

/* 1 when two directions agree, below 0 when they cross: a bump on the circle of directions, minus its mean. */
static double agreement(double a, double b)
{
    return exp(6 * (cos(2 * (a - b)) - 1)) - 0.17;
}

/* How much edge along `angle` the shape wants at (x, y); negative: how much it wants none. */
static double wanted(const shape *s, double x, double y, double angle)
{
    const double radius = hypot(x, y), around = atan2(y, x), turn = s->turn * PI / 180;
    double weight = s->to > 0 ? band(radius, s->from, s->to) : 0;
    if (s->half)
        weight *= fmax(0, cos(around - turn));
    switch (s->direction) {
    case TANGENT:
        return weight * agreement(angle, around + PI / 2);
    case RADIUS:
        return weight * agreement(angle, around);
    case SPIRAL_LEFT:
        return weight * agreement(angle, around + PI / 4);
    case SPIRAL_RIGHT:
        return weight * agreement(angle, around - PI / 4);
    case FIXED:
        return weight * agreement(angle, turn);
    case CROSS:
        return weight * (band(y, 0, 0) * agreement(angle, 0) + band(x, 0, 0) * agreement(angle, PI / 2));
    case GRID:
        return weight * (agreement(angle, 0) + agreement(angle, PI / 2));
    case CORNER: {
        /* Two arms, 45 degrees to either side of the way back from the tip. */
        const double left = turn + PI - PI / 4, right = turn + PI + PI / 4;
        const double on_left = fmax(0, cos(around - left)), on_right = fmax(0, cos(around - right));
        return weight * (pow(on_left, 6) * agreement(angle, left) + pow(on_right, 6) * agreement(angle, right));
    }
    }
    return 0;
}

void ph_edge_conv2(float *weights)
{
    enum { SIDE = PH_EDGE_SIDE2, AREA = SIDE * SIDE, SIZE = PH_EDGE_FEATURES1 * AREA };
    memset(weights, 0, (size_t)PH_EDGE_FEATURES2 * SIZE * sizeof *weights);
    for (int feature = 0; feature < PH_EDGE_FEATURES2; feature++, weights += SIZE) {
        const shape *s = &shapes[feature];
        for (int i = 0; i < AREA; i++) {
            const int column = i % SIDE - SIDE / 2, row = i / SIDE - SIDE / 2;
            const double x = column, y = row;
            for (int edge = 0; edge < PH_EDGE_ANGLES * PH_EDGE_PHASES; edge++) {
                const int angle = edge / PH_EDGE_PHASES;
                weights[edge * AREA + i] = (float)wanted(s, x, y, PI * angle / PH_EDGE_ANGLES);
            }
            const int colours = PH_EDGE_ANGLES * PH_EDGE_PHASES;
            if (s->inside != NONE)
                weights[(colours + s->inside) * AREA + i] = (float)(0.5 * band(hypot(x, y), 0, 0.7));
            if (s->outside != NONE)
                weights[(colours + s->outside) * AREA + i] += (float)(0.25 * band(hypot(x, y), 3, 4));
        }
        normalize(weights, SIZE);
    }
}

/* ---- conv3 ------------------------------------------------------------------------------------------------------- */

typedef struct part {
    int feature; /* of conv2 */
    double x, y, weight;
} part;

enum { PARTS = 16 };

typedef struct arrangement {
    const char *label;
    part parts[PARTS]; /* ended by weight 0 */
} arrangement;

static const arrangement arrangements[PH_EDGE_FEATURES3] = {
    {"target",
     {{2, 0, 0, 2},
      {8, 2, 0, 1},
      {9, 1.4, 1.4, 1},
      {10, 0, 2, 1},
      {11, -1.4, 1.4, 1},
      {12, -2, 0, 1},
      {13, -1.4, -1.4, 1},
      {14, 0, -2, 1},
      {15, 1.4, -1.4, 1}}},
    {"face",
     {{1, -1.6, -1.2, 2},
      {1, 1.6, -1.2, 2},
      {19, 0, 0, 0.7},
      {10, 0, 1.6, 1.6},
      {14, 0, -2.6, 0.6},
      {24, 0, 2.9, 0.4}}},
    {"flower",
     {{3, 0, 0, 2},
      {22, 2.2, 0, 0.7},
      {22, 1.1, 1.9, 0.7},
      {22, -1.1, 1.9, 0.7},
      {22, -2.2, 0, 0.7},
      {22, -1.1, -1.9, 0.7},
      {22, 1.1, -1.9, 0.7},
      {8, 2.4, 0, 0.6},
      {12, -2.4, 0, 0.6},
      {10, 0, 2.4, 0.6},
      {14, 0, -2.4, 0.6},
      {23, 3, 3, 0.5},
      {23, -3, -3, 0.5},
      {23, 3, -3, 0.5},
      {23, -3, 3, 0.5}}},
    {"scales",
     {{10, -2.5, 0, 1},
      {10, 0, 0, 1},
      {10, 2.5, 0, 1},
      {10, -1.25, 1.5, 1},
      {10, 1.25, 1.5, 1},
      {10, -1.25, -1.5, 1},
      {10, 1.25, -1.5, 1},
      {23, 0, -0.6, 0.3},
      {25, 1.25, 0.9, 0.3}}},
    {"bricks",
     {{18, -2, 0, 1},
      {18, 0, 0, 1},
      {18, 2, 0, 1},
      {18, -2, 2, 1},
      {18, 0, 2, 1},
      {18, 2, 2, 1},
      {18, 0, -2, 1},
      {19, 0, 1, 1.2},
      {19, -2, -1, 1.2},
      {19, 2, -1, 1.2},
      {22, 1, 1, 0.5},
      {22, -1, -1, 0.5}}},
    {"waves",
     {{14, -2, 0, 1},
      {10, 0, 0, 1},
      {14, 2, 0, 1},
      {14, -2, 2.4, 1},
      {10, 0, 2.4, 1},
      {14, 2, 2.4, 1},
      {14, -2, -2.4, 1},
      {10, 0, -2.4, 1},
      {14, 2, -2.4, 1},
      {25, 0, 1.2, 0.6},
      {25, 0, -1.2, 0.6}}},
    {"chain",
     {{0, 0, 0, 1},
      {0, 2.8, 0, 1},
      {0, -2.8, 0, 1},
      {0, 1.4, 2.4, 1},
      {0, -1.4, 2.4, 1},
      {0, 1.4, -2.4, 1},
      {0, -1.4, -2.4, 1}}},
    {"checks",
     {{7, 0, 0, 1},
      {7, 2, 0, 1},
      {7, 0, 2, 1},
      {7, -2, 0, 1},
      {7, 0, -2, 1},
      {24, 1, 1, 0.7},
      {25, -1, 1, 0.7},
      {25, 1, -1, 0.7},
      {24, -1, -1, 0.7}}},
    {"whirl",
     {{4, 0, 0, 2},
      {20, 1.6, -1.6, 0.8},
      {20, -1.6, 1.6, 0.8},
      {18, 0, 2.4, 0.4},
      {19, 2.4, 0, 0.4},
      {25, 3, 3, 0.4},
      {25, -3, -3, 0.4}}},
    {"zigzag",
     {{16, -2, 0, 1},
      {17, 0, 0, 1},
      {16, 2, 0, 1},
      {16, -2, 2, 1},
      {17, 0, 2, 1},
      {16, 2, 2, 1},
      {16, -2, -2, 1},
      {17, 0, -2, 1},
      {16, 2, -2, 1},
      {24, 0, 1, 0.5},
      {22, 0, -1, 0.5}}},
    {"stars",
     {{3, 0, 0, 1},
      {3, 3, 0, 0.7},
      {3, -3, 0, 0.7},
      {3, 1.5, 2.6, 0.7},
      {3, -1.5, 2.6, 0.7},
      {3, 1.5, -2.6, 0.7},
      {3, -1.5, -2.6, 0.7},
      {25, 1.5, 0.9, 0.6},
      {25, -1.5, -0.9, 0.6}}},
    {"lattice",
     {{20, 0, 0, 1},
      {21, 1.5, 0, 1},
      {20, 3, 0, 1},
      {21, -1.5, 0, 1},
      {20, -3, 0, 1},
      {6, 0, 2, 1},
      {6, 0, -2, 1},
      {23, 0, 0, 0.5}}},
};

void ph_edge_conv3(float *weights)
{
    enum { SIDE = PH_EDGE_SIDE3, AREA = SIDE * SIDE, SIZE = PH_EDGE_FEATURES2 * AREA };
    memset(weights, 0, (size_t)PH_EDGE_FEATURES3 * SIZE * sizeof *weights);
    for (int feature = 0; feature < PH_EDGE_FEATURES3; feature++, weights += SIZE) {
        for (const part *p = arrangements[feature].parts; p->weight > 0; p++)
            for (int i = 0; i < AREA; i++) {
                const int column = i % SIDE - SIDE / 2, row = i / SIDE - SIDE / 2;
                const double x = column, y = row;
                weights[p->feature * AREA + i] += (float)(p->weight * band(hypot(x - p->x, y - p->y), 0, 0));
            }
        normalize(weights, SIZE);
    }
}

const char *ph_edge_label(int index)
{
    return arrangements[index].label;
}

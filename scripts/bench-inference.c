// The two networks of `TaktBench policy` in plain loops, for the ratio that scripts/bench prints: written from the formulas,
// without takt's code. Reads the weights, a state, its history and takt's probabilities as 32-bit floats; ends with 2 if it
// comes to others (by more than 1e-6); prints nanoseconds per inference.
//
// usage: inference FILE perceptron|transformer
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef struct { const float *w, *b; int out, in; } Dense;
typedef struct { Dense qkv, o, up, down; const float *g1, *b1, *g2, *b2; } Layer;
static const float *at;
static const float *take(int n) { const float *here = at; at += n; return here; }
static Dense dense(int in, int out) { Dense d = {take(out * in), 0, out, in}; d.b = take(out); return d; }
static Layer layer(int w) {
    Layer l = {dense(w, 3 * w), dense(w, w), dense(w, 4 * w), dense(4 * w, w)};
    l.g1 = take(w); l.b1 = take(w); l.g2 = take(w); l.b2 = take(w);
    return l;
}
static void run(Dense d, const float *x, int rows, float *y) {
    for (int r = 0; r < rows; r++) for (int o = 0; o < d.out; o++) {
        float sum = d.b[o];
        for (int i = 0; i < d.in; i++) sum += x[r * d.in + i] * d.w[o * d.in + i];
        y[r * d.out + o] = sum;
    }
}
static void relu(float *x, int n) { for (int i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0; }
static void gelu(float *x, int n) { for (int i = 0; i < n; i++) x[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678f)); }
static void softmax(float *x, int n, float scale) {
    float top = -1e30f, sum = 0;
    for (int i = 0; i < n; i++) { x[i] *= scale; top = x[i] > top ? x[i] : top; }
    for (int i = 0; i < n; i++) { x[i] = expf(x[i] - top); sum += x[i]; }
    for (int i = 0; i < n; i++) x[i] /= sum;
}
static void norm(float *x, const float *d, int rows, int n, const float *g, const float *b) {
    for (int r = 0; r < rows; r++, x += n, d += n) {
        float mean = 0, square = 0;
        for (int i = 0; i < n; i++) { x[i] += d[i]; mean += x[i] / n; }
        for (int i = 0; i < n; i++) square += (x[i] - mean) * (x[i] - mean) / n;
        for (int i = 0; i < n; i++) x[i] = (x[i] - mean) / sqrtf(square + 1e-5f) * g[i] + b[i];
    }
}
enum { W = 128, T = 30, H = 4, D = W / H };
static float qkv[T * 3 * W], seen[T * W], up[T * 4 * W], change[T * W], score[T];
static void attend(Dense in, Dense out, const float *x, int rows, float *y) {
    run(in, x, rows, qkv);
    for (int h = 0; h < H; h++) for (int q = 0; q < rows; q++) {
        const float *query = qkv + q * 3 * W + h * D;
        for (int k = 0; k < rows; k++) {
            score[k] = 0;
            for (int i = 0; i < D; i++) score[k] += query[i] * qkv[k * 3 * W + W + h * D + i];
        }
        softmax(score, rows, 1 / sqrtf(D));
        for (int i = 0; i < D; i++) seen[q * W + h * D + i] = 0;
        for (int k = 0; k < rows; k++) for (int i = 0; i < D; i++)
            seen[q * W + h * D + i] += score[k] * qkv[k * 3 * W + 2 * W + h * D + i];
    }
    run(out, seen, rows, y);
}
static void encode(Layer l, float *x, int rows) {
    attend(l.qkv, l.o, x, rows, change);
    norm(x, change, rows, W, l.g1, l.b1);
    run(l.up, x, rows, up); gelu(up, rows * 4 * W); run(l.down, up, rows, change);
    norm(x, change, rows, W, l.g2, l.b2);
}
static double cpu(void) {
    struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
static float weights[1 << 20], answer[3];
static Dense p0, p2, p4, embed, pool0, pool2, project, in, out, matter0, matter2, both, head0, head2;
static Layer first, second, decide;
static const float *state, *past;
static void perceptron(void) {
    static float a[256], b[256];
    run(p0, state, 1, a); relu(a, 256); run(p2, a, 1, b); relu(b, 256); run(p4, b, 1, answer); softmax(answer, 3, 1);
}
static float places[T * W];
static void transformer(void) {
    static float x[T * W], half[T * W / 2], weight[T], a[2 * W], b[2 * W], c[2 * W];
    run(embed, past, T, x);
    for (int i = 0; i < T * W; i++) x[i] += places[i];
    encode(first, x, T); encode(second, x, T);
    run(pool0, x, T, half); gelu(half, T * W / 2); run(pool2, half, T, weight); softmax(weight, T, 1);
    for (int i = 0; i < W; i++) { c[i] = 0; for (int t = 0; t < T; t++) c[i] += weight[t] * x[t * W + i]; }
    run(project, state, 1, a); attend(in, out, a, 1, b);
    run(matter0, b, 1, a); gelu(a, W); run(matter2, a, 1, b); softmax(b, W, 1);
    for (int i = 0; i < W; i++) c[W + i] = state[i] * b[i];
    run(both, c, 1, a); encode(decide, a, 1); run(head0, a, 1, b); gelu(b, W); run(head2, b, 1, answer);
    softmax(answer, 3, 1);
}
int main(int count, char **names) {
    FILE *file = fopen(names[1], "rb");
    if (!file || !fread(weights, 4, 1 << 20, file)) return 1;
    at = weights;
    int isPerceptron = names[2][0] == 'p';
    if (isPerceptron) { p0 = dense(50, 256); p2 = dense(256, 256); p4 = dense(256, 3); state = take(50); }
    else {
        embed = dense(W, W); first = layer(W); second = layer(W); pool0 = dense(W, W / 2); pool2 = dense(W / 2, 1);
        project = dense(W, W); in = dense(W, 3 * W); out = dense(W, W); matter0 = dense(W, W); matter2 = dense(W, W);
        both = dense(2 * W, W); decide = layer(W); head0 = dense(W, W); head2 = dense(W, 3);
        state = take(W); past = take(T * W);
        for (int t = 0; t < T; t++) for (int i = 0; i < W; i++) {
            double angle = t * exp(-(i / 2 * 2) * log(1e4) / W);
            places[t * W + i] = i % 2 ? cos(angle) : sin(angle);
        }
    }
    const float *expected = take(3);
    isPerceptron ? perceptron() : transformer();
    for (int i = 0; i < 3; i++) if (!(fabsf(answer[i] - expected[i]) <= 1e-6f)) return 2;
    double best = 1e30;
    int times = isPerceptron ? 2000 : 40;
    for (int round = 0; round < 6; round++) {
        double began = cpu();
        for (int i = 0; i < times; i++) isPerceptron ? perceptron() : transformer();
        double each = (cpu() - began) / times;
        best = each < best ? each : best;
    }
    printf("%.1f\n", best);
}

// The tile of byte_tile.cc. A template is compiled for the instruction set in force where it is written, so this text is included
// once a form, inside a namespace that has that form's Dot(sum, a, b).
template <int MR, int NV>
void Tile(const ByteTileArgs& t) {
  const DI d;
  VI acc[MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const VI start = hn::LoadU(d, t.bias + v * kLanes);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) acc[m][v] = start;
  }

  const int32_t* HWY_RESTRICT b = t.b;
  const int64_t stride = t.a_stride;
  for (int64_t r = 0; r < t.runs; ++r) {
    const std::byte* a0 = t.a + t.run_offsets[r];
    const std::byte* a5 = a0 + (MR > 5 ? 5 * stride : 0);
    const std::byte* a10 = a0 + (MR > 10 ? 10 * stride : 0);
    for (int64_t k = t.run_steps; k > 0; --k) {
      if (MR > 5) Opaque(a5);
      if (MR > 10) Opaque(a10);
      VI bv[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        bv[v] = hn::LoadU(d, b + v * kLanes);
        if ((v * kLanes * sizeof(int32_t)) % 64 == 0) __builtin_prefetch(reinterpret_cast<const char*>(b + v * kLanes) + kPrefetchBytes);
      }
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const std::byte* a = (m >= 10 ? a10 : m >= 5 ? a5 : a0) + (m % 5) * stride;
        int32_t step;
        std::memcpy(&step, a, sizeof(step));
        const VI av = hn::Set(d, step);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[m][v] = Dot(acc[m][v], av, bv[v]);
      }
      a0 += 4;
      if (MR > 5) a5 += 4;
      if (MR > 10) a10 += 4;
      b += NV * kLanes;
    }
  }

  HWY_ALIGN int32_t sums[MR * NV * kLanes];
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) hn::Store(acc[m][v], d, sums + (m * NV + v) * kLanes);
  }
  FinishTile(t, sums, MR, NV);
}

template <int MR>
constexpr void FillRow(ByteTileFns& fns) {
  fns.tile[MR - 1][0] = Tile<MR, 1>;
  if constexpr (kVectors > 1) fns.tile[MR - 1][1] = Tile<MR, 2>;
  if constexpr (kVectors > 2) fns.tile[MR - 1][2] = Tile<MR, 3>;
  if constexpr (kVectors > 3) fns.tile[MR - 1][3] = Tile<MR, 4>;
  if constexpr (MR > 1) FillRow<MR - 1>(fns);
}

package loader

import (
	"hash/maphash"
	"sync"
)

// interner keeps one copy of each string of a load: releases of ATT&CK repeat
// each other's descriptions, and sets their titles.
type interner struct {
	seed   maphash.Seed
	shards [64]struct {
		mu      sync.Mutex
		strings map[string]string
	}
}

func newInterner() *interner {
	in := &interner{seed: maphash.MakeSeed()}
	for i := range in.shards {
		in.shards[i].strings = map[string]string{}
	}
	return in
}

// bytes gives the string that b spells.
func (in *interner) bytes(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	shard := &in.shards[maphash.Bytes(in.seed, b)%uint64(len(in.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if s, ok := shard.strings[string(b)]; ok {
		return s
	}
	s := string(b)
	shard.strings[s] = s
	return s
}

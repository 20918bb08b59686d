package fetch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// staleLock is how old a lock may be before it is taken for one that a killed
// fetch left behind; a fetch that lives renews it.
const staleLock = 2 * time.Minute

// lock keeps two fetches out of one folder. The file's time is renewed while
// the lock is held, so that a lock left by a killed process expires.
func lock(dir string) (unlock func(), err error) {
	name := filepath.Join(dir, ".fetch.lock")
	if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > staleLock {
		_ = os.Remove(name)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("another fetch is writing to %s; wait for it, or remove %s if there is none", dir, name)
	}
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintln(f, os.Getpid())
	_ = f.Close()
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(staleLock / 4)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				_ = os.Chtimes(name, now, now)
			case <-done:
				return
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
		_ = os.Remove(name)
	}, nil
}

package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"anteroom/controller/content"
	"anteroom/controller/disk"
	"anteroom/playlists"
)

// Source is where a controller's data lie and stay as they are while they are copied; of the assets only
// further ones may come.
type Source struct {
	Key   string   // the file of the controller's key
	Store string   // the folder of the store's files
	Names []string // of the store's files
	// Content is the folder of assets.
	Content string
}

// Order is what is to be backed up, and where.
type Order struct {
	From Source
	// At is when the state was that From shows.
	At time.Time
	// Folder is the folder of backups; it is made if it is not there.
	Folder string
	// Version of the program.
	Version string
	// Trial restores the backup dir into a temporary place by [Try] and proves that a controller can run on
	// it, in a child process: what is wrong with a copy may crash its reader.
	Trial func(ctx context.Context, dir string) error
}

// Taken is a backup that was made.
type Taken struct {
	Dir    string
	Files  int
	Bytes  int64
	Assets int
	// NewAssets of NewBytes were not in the folder of backups yet.
	NewAssets int
	NewBytes  int64
	// CutShort are the earlier attempts that were no backups, and were removed.
	CutShort []string
	// Unnoted is why the console will not know of it; nil if it does.
	Unnoted error
}

// Take makes a backup. It counts once Take has returned without an error; else nothing is left of it but
// assets, which the next one needs no more to copy.
func Take(ctx context.Context, o Order) (Taken, error) {
	f, err := openFolder(o.Folder)
	if err != nil {
		return Taken{}, fmt.Errorf("opening the folder of backups: %w", err)
	}
	defer func() { _ = f.lock.Close() }()
	taken := Taken{}
	if taken.CutShort, err = f.clear(); err != nil {
		return Taken{}, fmt.Errorf("clearing the folder of backups: %w", err)
	}
	taken.Dir = filepath.Join(f.dir, o.At.UTC().Format(stampLayout))
	err = disk.MakeDir(taken.Dir)
	if errors.Is(err, fs.ErrExist) {
		return Taken{}, fmt.Errorf("%s is there already, made within this second: try again", taken.Dir)
	}
	if err != nil {
		return Taken{}, fmt.Errorf("making a backup: %w", err)
	}
	if err := f.fill(ctx, o, &taken); err != nil {
		return Taken{}, errors.Join(fmt.Errorf("making a backup: %w", err), os.RemoveAll(taken.Dir))
	}
	return taken, nil
}

// folder is a folder of backups that this process alone writes.
type folder struct {
	dir  string
	lock *os.File
	pool *content.Content
}

// openFolder opens or makes a folder of backups; a folder with anything else in it is refused.
func openFolder(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	err = os.MkdirAll(dir, 0o700)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	pool, err := content.Open(filepath.Join(dir, nameContent))
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &folder{dir: dir, lock: lock, pool: pool}, nil
}

func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, nameLock)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		others, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		if len(others) > 0 {
			return nil, fmt.Errorf("%w: %s holds other files, such as %s: give backups a folder of their own", playlists.ErrInvalid, dir, others[0].Name())
		}
	}
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another backup into %s is under way: wait for it", dir), lock.Close())
	}
	return lock, nil
}

// clear removes what was cut short.
func (f *folder) clear() (removed []string, err error) {
	all, err := stamps(f.dir)
	if err != nil {
		return nil, err
	}
	for _, name := range all {
		dir := filepath.Join(f.dir, name)
		if proven(dir) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// stamps lists what is named like a backup, oldest first.
func stamps(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if _, err := time.Parse(stampLayout, e.Name()); err == nil && e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func proven(dir string) bool { return there(filepath.Join(dir, nameManifest)) }

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// fill copies everything, tries the copy, and only then makes it count.
func (f *folder) fill(ctx context.Context, o Order, taken *Taken) error {
	m := Manifest{Format: format, At: o.At.UTC(), Version: o.Version}
	if err := f.copyStore(ctx, o.From, taken.Dir, &m); err != nil {
		return err
	}
	if err := f.copyAssets(ctx, o.From, taken, &m); err != nil {
		return err
	}
	for i := range m.Files {
		taken.Files++
		taken.Bytes += m.Files[i].Bytes
	}
	b, err := m.encode()
	if err != nil {
		return err
	}
	untried := filepath.Join(taken.Dir, nameUntried)
	if err := errors.Join(disk.WriteNew(untried, b), disk.SyncDir(taken.Dir)); err != nil {
		return err
	}
	if err := o.Trial(ctx, taken.Dir); err != nil {
		return fmt.Errorf("restoring it on trial: %w", err)
	}
	return disk.Rename(untried, filepath.Join(taken.Dir, nameManifest))
}

// copyStore copies the key and the store's files.
func (f *folder) copyStore(ctx context.Context, from Source, dir string, m *Manifest) error {
	if err := disk.MakeDir(filepath.Join(dir, nameStore)); err != nil {
		return err
	}
	before, err := f.newest()
	if err != nil {
		return err
	}
	paths := map[string]string{nameKey: from.Key}
	order := []string{nameKey}
	for _, name := range from.Names {
		path := nameStore + "/" + name
		paths[path], order = filepath.Join(from.Store, name), append(order, path)
	}
	for _, path := range order {
		file := File{Path: path}
		earlier := ""
		if before != "" {
			earlier = file.in(before)
		}
		if file.Bytes, file.SHA256, err = copyUnlessSame(ctx, paths[path], earlier, file.in(dir)); err != nil {
			return err
		}
		m.Files = append(m.Files, file)
	}
	return disk.SyncDir(filepath.Join(dir, nameStore))
}

// newest is the newest backup of the folder, empty if there is none.
func (f *folder) newest() (string, error) {
	all, err := stamps(f.dir)
	for _, name := range slices.Backward(all) {
		if dir := filepath.Join(f.dir, name); proven(dir) {
			return dir, err
		}
	}
	return "", err
}

// copyUnlessSame copies a file, or where an earlier backup has the same bytes gives that copy a second name.
func copyUnlessSame(ctx context.Context, from, earlier, to string) (size int64, digest string, err error) {
	if earlier != "" && same(ctx, from, earlier) && os.Link(earlier, to) == nil {
		return sumFile(ctx, to)
	}
	return copyFile(ctx, from, to)
}

// same reports whether two files have the same bytes; false if that cannot be told.
func same(ctx context.Context, a, b string) bool {
	x, err := os.Open(a)
	if err != nil {
		return false
	}
	defer func() { _ = x.Close() }()
	y, err := os.Open(b)
	if err != nil {
		return false
	}
	defer func() { _ = y.Close() }()
	one, err := x.Stat()
	if err != nil {
		return false
	}
	two, err := y.Stat()
	if err != nil || one.Size() != two.Size() {
		return false
	}
	return sameBytes(while(ctx, x), y)
}

func sameBytes(a, b io.Reader) bool {
	one, two := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(a, one)
		m, _ := io.ReadFull(b, two) // a file that is shorter differs
		if n != m || !bytes.Equal(one[:n], two[:m]) {
			return false
		}
		if err != nil {
			return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		}
	}
}

// copyAssets copies the assets that the folder lacks, and lists all.
func (f *folder) copyAssets(ctx context.Context, from Source, taken *Taken, m *Manifest) error {
	theirs := content.At(from.Content)
	all, err := theirs.All()
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // one that never started has none
		return err
	}
	for _, d := range all {
		size, fresh, err := f.keep(ctx, theirs, d)
		if err != nil {
			return err
		}
		taken.Assets++
		if fresh {
			taken.NewAssets++
			taken.NewBytes += size
		}
		m.Files = append(m.Files, File{Path: nameContent + "/" + string(d[:2]) + "/" + string(d), Bytes: size, SHA256: string(d)})
	}
	return nil
}

// keep copies an asset unless it is there already, with the bytes that it should have.
func (f *folder) keep(ctx context.Context, from *content.Content, d playlists.Digest) (size int64, fresh bool, err error) {
	theirs, size, err := from.Open(d)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = theirs.Close() }() // it was only read
	if ours, _, err := f.pool.Open(d); err == nil {
		return size, false, ours.Close()
	}
	got, size, err := f.pool.Put(ctx, theirs)
	if err == nil && got != d {
		err = fmt.Errorf("asset %s of the controller is %w: upload its file again, or put the file of an earlier backup in the place of %s", d, ErrDamaged, from.Path(d))
	}
	return size, true, err
}

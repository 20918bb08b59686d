// Package loader reads mapping sets, ATT&CK releases, OSCAL catalogs and
// priorities from a folder into a kg.Dataset. It forgives what published files
// do, and says so in an import report: nothing is dropped in silence, and a
// file that cannot be read loses nothing but itself.
package loader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mapgraph/mapgraph/internal/algebra"
	"github.com/mapgraph/mapgraph/internal/kg"
)

// ErrRefused says that a strict load found files that it had to refuse. The
// import report, which comes with it, says which and why.
var ErrRefused = errors.New("files were refused")

// ErrNothing says that a folder holds no mapping set and no ATT&CK release.
var ErrNothing = errors.New("no mapping set and no ATT&CK release found")

// Options change how a folder is loaded. The zero value is sensible.
type Options struct {
	Parallel   int            // files read at once; GOMAXPROCS by default
	Strict     bool           // refuse the whole load if a file is refused
	Limits     Limits         // what one file may take
	Frameworks []kg.Framework // kinds and names of frameworks of one's own; they outrank framework files
	Progress   func(Progress) // called after each file, from one goroutine at a time
}

// Progress says how far a load is.
type Progress struct {
	Files, TotalFiles int
	Bytes, TotalBytes int64
	Path              string // the file that was read last
}

// Load reads a folder. With ErrRefused the dataset is there all the same; with
// any other error it is nil.
func Load(ctx context.Context, dir string, opts Options) (*kg.Dataset, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("data folder %s does not exist; `mapgraph fetch --data %s` fills it", dir, dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no folder; --data takes the folder that holds the files", dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	return LoadFS(ctx, root.FS(), opts)
}

// LoadFS reads a file system, as Load reads a folder.
func LoadFS(ctx context.Context, fsys fs.FS, opts Options) (*kg.Dataset, error) {
	files, err := listFiles(fsys)
	if err != nil {
		return nil, err
	}
	parts, err := readAll(ctx, fsys, files, opts)
	if err != nil {
		return nil, err
	}
	ds := assemble(parts, opts)
	switch {
	case opts.Strict && ds.Report.Refused() > 0:
		return ds, ErrRefused
	case len(ds.Sets) == 0 && len(ds.Releases) == 0 && ds.Report.Refused() == 0:
		return nil, ErrNothing
	}
	return ds, nil
}

type fileInfo struct {
	path string
	size int64
	err  error // why it cannot be read
}

// listFiles lists what may be data, by path. Dot files, partial downloads and
// the notes that come with a folder are nobody's data.
func listFiles(fsys fs.FS) ([]fileInfo, error) {
	var files []fileInfo
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if p == "." {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") || isAside(d.Name()) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if f, ok := infoOf(fsys, p, d, err); ok {
			files = append(files, f)
		}
		return nil
	})
	slices.SortFunc(files, func(a, b fileInfo) int { return strings.Compare(a.path, b.path) })
	return files, err
}

// infoOf looks at an entry of a folder, behind a symbolic link too. A folder
// that can be listed is no file.
func infoOf(fsys fs.FS, name string, d fs.DirEntry, err error) (f fileInfo, ok bool) {
	if err == nil && d.IsDir() {
		return fileInfo{}, false
	}
	f.path = name
	if f.err = err; err != nil {
		return f, true
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil && d.Type()&fs.ModeSymlink != 0 && !errors.Is(err, fs.ErrNotExist):
		f.err = errLinkOut
	case err != nil:
		f.err = err
	case info.IsDir():
		f.err = errLinkedFolder
	case !info.Mode().IsRegular():
		f.err = errNoFile
	default:
		f.size = info.Size()
	}
	return f, true
}

// What is in a folder, and is neither a file nor a folder of it, is passed over
// with a note.
var (
	errLinkedFolder = errors.New("a link to a folder; not followed")
	errLinkOut      = errors.New("a link that leads out of the data folder, or nowhere; not followed")
	errNoFile       = errors.New("no regular file; not read")
)

func isAside(name string) bool {
	switch strings.ToLower(name) {
	case "readme.md", "readme", "license", "license.txt", "notice", "notice.txt", "upstream.tsv", "node_modules":
		return true
	}
	return strings.HasSuffix(name, ".part") || strings.HasSuffix(name, ".lock")
}

// part is what one file holds.
type part struct {
	report     kg.FileReport
	sum        []byte
	set        *kg.Set
	padded     map[string]bool // technique ids whose label in the set has blanks around it
	release    *kg.Release
	catalog    *kg.Catalog
	baseline   *kg.Baseline
	priorities []kg.Priority
	framework  *kg.Framework
}

func readAll(ctx context.Context, fsys fs.FS, files []fileInfo, opts Options) ([]part, error) {
	parts := make([]part, len(files))
	progress := progressOf(files, opts.Progress)
	strings := newInterner()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, cmp.Or(opts.Parallel, runtime.GOMAXPROCS(0))))
	fsys = cancelFS{fsys, ctx}
	for i, f := range bySize(files) {
		g.Go(func() error {
			if ctx.Err() == nil {
				parts[i] = readFile(fsys, f, opts.Limits, strings)
			}
			// What was cut short by the end of the context is nobody's fault.
			if ctx.Err() != nil {
				return ctx.Err()
			}
			progress(f)
			return nil
		})
	}
	return parts, g.Wait()
}

// cancelFS is a file system whose files cannot be read once a context is done.
type cancelFS struct {
	fs.FS
	ctx context.Context
}

func (c cancelFS) Open(name string) (fs.File, error) {
	file, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return cancelFile{file, c.ctx}, nil
}

type cancelFile struct {
	fs.File
	ctx context.Context
}

func (c cancelFile) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.File.Read(p)
}

// bySize yields the largest files first, with their positions, so that no
// worker is left alone with one at the end.
func bySize(files []fileInfo) func(func(int, fileInfo) bool) {
	order := make([]int, len(files))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(files[b].size, files[a].size) })
	return func(yield func(int, fileInfo) bool) {
		for _, i := range order {
			if !yield(i, files[i]) {
				return
			}
		}
	}
}

func progressOf(files []fileInfo, report func(Progress)) func(fileInfo) {
	if report == nil {
		return func(fileInfo) {}
	}
	var mu sync.Mutex
	p := Progress{TotalFiles: len(files)}
	for _, f := range files {
		p.TotalBytes += f.size
	}
	return func(f fileInfo) {
		mu.Lock()
		defer mu.Unlock()
		p.Files++
		p.Bytes += f.size
		p.Path = f.path
		report(p)
	}
}

// readFile reads one file. Whatever goes wrong is in the part's report.
func readFile(fsys fs.FS, f fileInfo, limits Limits, strings *interner) part {
	p := part{report: kg.FileReport{Path: f.path, Kind: kg.UnknownFile, Bytes: f.size}}
	switch {
	case errors.Is(f.err, errLinkedFolder), errors.Is(f.err, errLinkOut), errors.Is(f.err, errNoFile):
		p.pass(f.err.Error())
	case f.err != nil:
		p.report.Error = &kg.FileError{Reason: reasonOf(f.err)}
	case isFrameworkFile(f.path):
		p.report.Kind = kg.FrameworkInfo
		p.readFramework(fsys, f)
	case !isJSON(f.path):
		p.pass("not a .json or .json.gz file; not read")
	default:
		p.readJSON(fsys, limits, strings)
	}
	return p
}

// pass notes that a file is not read.
func (p *part) pass(why string) {
	p.report.Notes = []kg.Note{{Code: "NOT_READ", Message: why, Count: 1}}
}

// reasonOf gives an error without the path, which stands beside it.
func reasonOf(err error) string {
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		return "cannot read it: " + pathErr.Err.Error()
	}
	return err.Error()
}

func isJSON(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".json.gz")
}

func (p *part) readJSON(fsys fs.FS, limits Limits, strings *interner) {
	kind, refused := sniff(fsys, p.report.Path, limits, strings)
	p.report.Kind = kind
	if refused != nil {
		p.report.Error = refused
		return
	}
	if kind == kg.UnknownFile {
		p.pass("neither a mapping set nor an ATT&CK bundle, an OSCAL document or a priority list; not read")
		return
	}
	in, err := openInput(fsys, p.report.Path, limits, strings)
	if err != nil {
		p.report.Error = &kg.FileError{Reason: reasonOf(err)}
		return
	}
	defer in.close()
	err = p.parse(in)
	if err == nil {
		p.sum, err = in.finish()
	}
	if err != nil {
		p.refuse(in, err)
	}
}

func (p *part) parse(in *input) (err error) {
	switch p.report.Kind {
	case kg.MappingFile:
		p.set, p.padded, err = readMappingSet(in, &p.report)
	case kg.AttackBundle:
		p.release, err = readAttackBundle(in, &p.report)
	case kg.OscalCatalog, kg.OscalProfile:
		p.catalog, p.baseline, err = readOSCAL(in, &p.report)
	case kg.PriorityList:
		p.priorities, err = readPriorities(in, &p.report)
	}
	return err
}

// refuse forgets what a broken file gave, and keeps why it is broken.
func (p *part) refuse(in *input, err error) {
	row := 0
	if failure := (*rowFailureError)(nil); errors.As(err, &failure) {
		row = failure.row
	}
	p.forget(in.refusal(row, err))
}

func (p *part) forget(why *kg.FileError) {
	*p = part{report: kg.FileReport{Path: p.report.Path, Kind: p.report.Kind, Bytes: p.report.Bytes, Error: why}}
}

// errSniffed ends a look at a file once it is clear what it is.
var errSniffed = errors.New("sniffed")

// sniff tells what a JSON file is by its first members. It reads no further than
// it must, and a file that is no JSON up to there is refused.
func sniff(fsys fs.FS, name string, limits Limits, strings *interner) (kg.FileKind, *kg.FileError) {
	in, err := openInput(fsys, name, limits, strings)
	if err != nil {
		return kg.UnknownFile, &kg.FileError{Reason: reasonOf(err)}
	}
	defer in.close()
	s := sniffer{in: in, kind: kg.UnknownFile}
	switch in.kind() {
	case '{':
		err = in.object(s.member)
	case '[':
		err = in.array(s.element)
	default:
		err = in.skip()
	}
	if err != nil && !errors.Is(err, errSniffed) {
		return s.kind, in.refusal(0, err)
	}
	return s.kind, nil
}

type sniffer struct {
	in       *input
	kind     kg.FileKind
	isBundle bool // its type is bundle
	objects  bool // it has a list of objects
}

// member looks at a member of the outermost object.
func (s *sniffer) member(key []byte) error {
	s.in.budget.reset()
	kind := s.in.kind()
	switch string(key) {
	case "metadata", "mapping_objects":
		s.kind = kg.MappingFile
		return errSniffed
	case "catalog", "profile":
		if kind == '{' {
			s.kind = kg.OscalCatalog
			if string(key) == "profile" {
				s.kind = kg.OscalProfile
			}
			return errSniffed
		}
	case "type":
		if kind == '"' {
			text, err := s.in.text()
			s.isBundle = text == "bundle"
			return cmp.Or(err, s.bundle())
		}
	case "objects":
		s.objects = kind == '['
		if err := s.bundle(); err != nil {
			return err
		}
	}
	return s.in.skim()
}

// bundle ends the look once a file is known for an ATT&CK bundle.
func (s *sniffer) bundle() error {
	if s.isBundle && s.objects {
		s.kind = kg.AttackBundle
		return errSniffed
	}
	return nil
}

// element looks at an element of the outermost array.
func (s *sniffer) element(int) error {
	s.in.budget.reset()
	if s.in.kind() != '{' {
		return s.in.skim()
	}
	return s.in.object(func(key []byte) error {
		if string(key) == "tid" {
			s.kind = kg.PriorityList
			return errSniffed
		}
		return s.in.skim()
	})
}

// assemble puts the parts together: identities are unique, lists sorted, and
// the reports completed with what needs more than one file.
func assemble(parts []part, opts Options) *kg.Dataset {
	ds := &kg.Dataset{Edition: kg.Full, Report: &kg.ImportReport{}}
	refuseTwins(parts)
	for i := range parts {
		p := &parts[i]
		if p.release != nil {
			ds.Releases = append(ds.Releases, p.release)
		}
		if p.set != nil {
			ds.Sets = append(ds.Sets, p.set)
		}
		if p.catalog != nil {
			ds.Catalogs = append(ds.Catalogs, *p.catalog)
		}
		if p.baseline != nil {
			ds.Baselines = append(ds.Baselines, *p.baseline)
		}
		if p.priorities != nil {
			ds.Priorities = p.priorities
		}
	}
	slices.SortFunc(ds.Releases, func(a, b *kg.Release) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(ds.Sets, func(a, b *kg.Set) int { return a.Key.Compare(b.Key) })
	slices.SortFunc(ds.Catalogs, func(a, b kg.Catalog) int {
		return cmp.Or(strings.Compare(a.Framework, b.Framework), kg.CompareVersions(a.FrameworkVersion, b.FrameworkVersion))
	})
	slices.SortFunc(ds.Baselines, func(a, b kg.Baseline) int {
		return cmp.Or(strings.Compare(a.Framework, b.Framework), kg.CompareVersions(a.FrameworkVersion, b.FrameworkVersion), cmp.Compare(len(a.Controls), len(b.Controls)), strings.Compare(a.Name, b.Name))
	})
	ds.Frameworks = describeFrameworks(parts, opts.Frameworks)
	completeReports(parts, ds)
	noteLookAlikes(parts)
	for i := range parts {
		ds.Report.Files = append(ds.Report.Files, parts[i].report)
	}
	ds.Generation = generation(parts, opts.Frameworks)
	return ds
}

// refuseTwins keeps one file of each identity, the first by path.
func refuseTwins(parts []part) {
	first := map[string]string{}
	for i := range parts {
		p := &parts[i]
		id := p.identity()
		if id == "" {
			continue
		}
		if other, taken := first[id]; taken {
			reason := fmt.Sprintf("it holds %s, which %s holds already; keep one of the two", id, other)
			p.forget(&kg.FileError{Reason: reason})
			continue
		}
		first[id] = p.report.Path
	}
}

func (p *part) identity() string {
	switch {
	case p.set != nil:
		return "mapping set " + p.set.Key.String()
	case p.release != nil:
		return "ATT&CK " + p.release.Key.String()
	case p.catalog != nil:
		return "the catalog of " + p.catalog.Framework + " " + p.catalog.FrameworkVersion
	case p.baseline != nil:
		return "the baseline " + p.baseline.Framework + " " + p.baseline.FrameworkVersion + " " + p.baseline.Name
	case p.priorities != nil:
		return "the priority list"
	case p.framework != nil:
		return "the description of the framework " + p.framework.ID
	}
	return ""
}

// reading is the version of what is made of equal files. Raise it when that
// changes, so that a database does not take what an older program wrote for the same.
const reading = "3"

// generation hashes the names and contents of what was read, the frameworks that
// were described beside it, and what the report says of all files, read or not.
func generation(parts []part, given []kg.Framework) string {
	h := sha256.New()
	_, _ = h.Write(appendField(nil, reading))
	for i := range parts {
		p := &parts[i]
		if p.report.Error != nil {
			p.sum = []byte(p.report.Error.String())
		}
		_, _ = h.Write(appendField(appendField(nil, p.report.Path), string(p.sum)))
		for _, n := range p.report.Notes {
			_, _ = h.Write(appendField(appendField(nil, n.Code), n.Message))
		}
	}
	for _, f := range given {
		_, _ = h.Write(appendField(appendField([]byte{byte(f.Kind)}, f.ID), f.Name))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// completeReports adds to each mapping file's report what ATT&CK and the
// catalogs say of it.
func completeReports(parts []part, ds *kg.Dataset) {
	releases := map[kg.ReleaseKey]*knownRelease{}
	for _, rel := range ds.Releases {
		releases[rel.Key] = knowRelease(rel, ds.Releases)
	}
	catalogued := controlsOf(ds.Catalogs)
	for i := range parts {
		p := &parts[i]
		if p.set == nil {
			continue
		}
		if known := catalogued[p.set.Key.Framework]; known != nil {
			p.noteUncatalogued(known)
		}
		if own := releases[p.set.Key.Release()]; own != nil {
			p.checkTechniques(own)
			continue
		}
		p.report.Notes = append(p.report.Notes, kg.Note{
			Code: "RELEASE_NOT_LOADED", Count: 1,
			Message: fmt.Sprintf("ATT&CK %s, which the set was written for, is not loaded; names and states of its techniques are not checked", p.set.Key.Release()),
		})
	}
}

// knownRelease is what the check of a set asks of the release that it was
// written for.
type knownRelease struct {
	names   map[string]string // by technique id
	active  int
	aligner *algebra.Aligner
}

func knowRelease(rel *kg.Release, all []*kg.Release) *knownRelease {
	k := &knownRelease{names: make(map[string]string, len(rel.Techniques)), aligner: algebra.NewAligner(rel, all)}
	for i := range rel.Techniques {
		t := &rel.Techniques[i]
		k.names[t.ID] = t.Name
		if t.Status == kg.Active {
			k.active++
		}
	}
	return k
}

// checkTechniques compares a set's techniques with the release that the set was
// written for.
func (p *part) checkTechniques(own *knownRelease) {
	active, mismatched := map[string]bool{}, map[string]bool{}
	for i := range p.set.Rows {
		r := &p.set.Rows[i]
		if r.AttackID == "" {
			continue
		}
		if name, known := own.names[r.AttackID]; known && r.SourceLabel != "" && (r.SourceLabel != name || p.padded[r.AttackID]) {
			mismatched[r.AttackID] = true
		}
		if to, _ := own.aligner.Align(r.AttackID); to == r.AttackID && r.Class == kg.Mapped {
			active[r.AttackID] = true
		}
	}
	p.report.ReleaseTechniques, p.report.ActiveTechniques, p.report.NameMismatches = own.active, len(active), len(mismatched)
	p.report.Lifted, p.report.Unresolved = algebra.LiftRows(p.set.Rows, own.aligner)
}

// controlsOf gives the capability ids of the catalogs of each framework.
func controlsOf(catalogs []kg.Catalog) map[string]map[string]bool {
	ids := map[string]map[string]bool{}
	for i := range catalogs {
		c := &catalogs[i]
		if ids[c.Framework] == nil {
			ids[c.Framework] = map[string]bool{}
		}
		for j := range c.Controls {
			ids[c.Framework][c.Controls[j].ID] = true
		}
	}
	return ids
}

// noteUncatalogued names the capabilities of a set that no catalog of its
// framework has.
func (p *part) noteUncatalogued(known map[string]bool) {
	var missing []string
	note := kg.Note{Code: "NOT_IN_CATALOG"}
	for i := range p.set.Rows {
		r := &p.set.Rows[i]
		if r.Capability != "" && !known[r.Capability] {
			missing = append(missing, r.Capability)
			addCase(&note, r.Number)
		}
	}
	if len(missing) == 0 {
		return
	}
	slices.SortFunc(missing, compareControls)
	note.Message = "rows of capabilities that are in no loaded catalog: " + listed(slices.Compact(missing))
	p.report.Notes = append(p.report.Notes, note)
}

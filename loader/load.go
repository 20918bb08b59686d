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
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

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
	return LoadFS(ctx, os.DirFS(dir), opts)
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
}

// listFiles lists what may be data, by path. Dot files, partial downloads and
// the notes that come with a folder are nobody's data.
func listFiles(fsys fs.FS) ([]fileInfo, error) {
	var files []fileInfo
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); name != "." && (strings.HasPrefix(name, ".") || isAside(name)) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			return nil
		}
		info, err := fs.Stat(fsys, p)
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			files = append(files, fileInfo{p, info.Size()})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b fileInfo) int { return strings.Compare(a.path, b.path) })
	return files, err
}

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
	for i, f := range bySize(files) {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			parts[i] = readFile(fsys, f, opts.Limits, strings)
			progress(f)
			return nil
		})
	}
	return parts, g.Wait()
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
	p := part{report: kg.FileReport{Path: f.path, Bytes: f.size}}
	switch {
	case isFrameworkFile(f.path):
		p.report.Kind = kg.FrameworkInfo
		p.readFramework(fsys, f)
	case !isJSON(f.path):
		p.report.Kind = kg.UnknownFile
		p.report.Notes = []kg.Note{{Code: "NOT_READ", Message: "not a .json or .json.gz file; not read", Count: 1}}
	default:
		p.readJSON(fsys, limits, strings)
	}
	return p
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
		p.report.Notes = []kg.Note{{Code: "NOT_READ", Message: "neither a mapping set nor an ATT&CK bundle, an OSCAL document or a priority list; not read", Count: 1}}
		return
	}
	in, err := openInput(fsys, p.report.Path, limits, strings)
	if err != nil {
		p.report.Error = &kg.FileError{Reason: err.Error()}
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
	*p = part{report: kg.FileReport{Path: p.report.Path, Kind: p.report.Kind, Bytes: p.report.Bytes, Error: in.refusal(row, err)}}
}

// errSniffed ends a look at a file once it is clear what it is.
var errSniffed = errors.New("sniffed")

// sniff tells what a JSON file is by its first members. A file that is no JSON
// is refused here.
func sniff(fsys fs.FS, name string, limits Limits, strings *interner) (kg.FileKind, *kg.FileError) {
	in, err := openInput(fsys, name, limits, strings)
	if err != nil {
		return kg.UnknownFile, &kg.FileError{Reason: err.Error()}
	}
	defer in.close()
	kind := kg.UnknownFile
	look := func(key []byte) error {
		in.budget.reset()
		switch string(key) {
		case "metadata", "mapping_objects":
			kind = kg.MappingFile
		case "objects", "spec_version":
			kind = kg.AttackBundle
		case "catalog":
			kind = kg.OscalCatalog
		case "profile":
			kind = kg.OscalProfile
		default:
			return in.skip()
		}
		return errSniffed
	}
	switch in.kind() {
	case '{':
		err = in.object(look)
	case '[':
		err = in.array(func(int) error {
			if in.kind() != '{' {
				return errSniffed
			}
			return in.object(func(key []byte) error {
				if string(key) == "tid" {
					kind = kg.PriorityList
					return errSniffed
				}
				return in.skip()
			})
		})
	case 0:
		_, err = in.dec.ReadToken()
	}
	if err != nil && !errors.Is(err, errSniffed) {
		return kind, in.refusal(0, err)
	}
	return kind, nil
}

// assemble puts the parts together: identities are unique, lists sorted, and
// the reports completed with what needs more than one file.
func assemble(parts []part, opts Options) *kg.Dataset {
	ds := &kg.Dataset{Edition: kg.Full, Report: &kg.ImportReport{}}
	refuseTwins(parts)
	releases := map[kg.ReleaseKey]*kg.Release{}
	for i := range parts {
		p := &parts[i]
		if p.release != nil {
			ds.Releases = append(ds.Releases, p.release)
			releases[p.release.Key] = p.release
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
		return cmp.Or(strings.Compare(a.Framework, b.Framework), kg.CompareFrameworkVersions(a.FrameworkVersion, b.FrameworkVersion))
	})
	slices.SortFunc(ds.Baselines, func(a, b kg.Baseline) int {
		return cmp.Or(kg.CompareFrameworkVersions(a.FrameworkVersion, b.FrameworkVersion), cmp.Compare(len(a.Controls), len(b.Controls)), strings.Compare(a.Name, b.Name))
	})
	ds.Frameworks = describeFrameworks(parts, opts.Frameworks)
	completeReports(parts, ds, releases)
	for i := range parts {
		ds.Report.Files = append(ds.Report.Files, parts[i].report)
	}
	ds.Generation = generation(parts)
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
			*p = part{report: kg.FileReport{Path: p.report.Path, Kind: p.report.Kind, Bytes: p.report.Bytes, Error: &kg.FileError{Reason: reason}}}
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
	}
	return ""
}

// generation hashes the names and contents of what was read.
func generation(parts []part) string {
	h := sha256.New()
	for i := range parts {
		if p := &parts[i]; p.sum != nil && p.report.Error == nil {
			writeField(h, p.report.Path)
			writeField(h, string(p.sum))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// completeReports adds to each mapping file's report what ATT&CK and the
// catalogs say of it.
func completeReports(parts []part, ds *kg.Dataset, releases map[kg.ReleaseKey]*kg.Release) {
	for i := range parts {
		p := &parts[i]
		if p.set == nil {
			continue
		}
		noteUncatalogued(p, ds.Catalogs)
		own := releases[p.set.Key.Release()]
		if own == nil {
			p.report.Notes = append(p.report.Notes, kg.Note{
				Code: "RELEASE_NOT_LOADED", Count: 1,
				Message: fmt.Sprintf("ATT&CK %s, which the set was written for, is not loaded; names and states of its techniques are not checked", p.set.Key.Release()),
			})
			continue
		}
		checkTechniques(p, own, kg.NewAligner(own, ds.Releases))
	}
}

func checkTechniques(p *part, own *kg.Release, aligner *kg.Aligner) {
	names := map[string]string{}
	for i := range own.Techniques {
		t := &own.Techniques[i]
		names[t.ID] = t.Name
		if t.Status == kg.Active {
			p.report.ReleaseTechniques++
		}
	}
	active, mismatched := map[string]bool{}, map[string]bool{}
	lifted, unresolved := map[string]*kg.LiftedID{}, map[string]*kg.UnresolvedID{}
	for i := range p.set.Rows {
		r := &p.set.Rows[i]
		if r.AttackID == "" {
			continue
		}
		if name, known := names[r.AttackID]; known && r.SourceLabel != "" && (r.SourceLabel != name || p.padded[r.AttackID]) {
			mismatched[r.AttackID] = true
		}
		to, reason := aligner.Align(r.AttackID)
		switch {
		case reason != 0:
			if unresolved[r.AttackID] == nil {
				unresolved[r.AttackID] = &kg.UnresolvedID{From: r.AttackID, Reason: reason}
			}
			unresolved[r.AttackID].Rows++
		case to != r.AttackID:
			if lifted[r.AttackID] == nil {
				lifted[r.AttackID] = &kg.LiftedID{From: r.AttackID, To: to}
			}
			lifted[r.AttackID].Rows++
		case r.Class == kg.Mapped:
			active[r.AttackID] = true
		}
	}
	p.report.ActiveTechniques, p.report.NameMismatches = len(active), len(mismatched)
	p.report.Lifted = sortedValues(lifted)
	p.report.Unresolved = sortedValues(unresolved)
}

func sortedValues[V any](m map[string]*V) []V {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	list := make([]V, len(keys))
	for i, k := range keys {
		list[i] = *m[k]
	}
	return list
}

// noteUncatalogued names capabilities that no catalog of their framework has.
func noteUncatalogued(p *part, catalogs []kg.Catalog) {
	known := map[string]bool{}
	any := false
	for i := range catalogs {
		if catalogs[i].Framework != p.set.Key.Framework {
			continue
		}
		any = true
		for j := range catalogs[i].Controls {
			known[catalogs[i].Controls[j].ID] = true
		}
	}
	if !any {
		return
	}
	missing := map[string]bool{}
	note := kg.Note{Code: "NOT_IN_CATALOG"}
	for i := range p.set.Rows {
		r := &p.set.Rows[i]
		if r.Capability == "" || known[r.Capability] {
			continue
		}
		missing[r.Capability] = true
		note.Count++
		if len(note.Rows) < kg.NoteRows {
			note.Rows = append(note.Rows, r.Number)
		}
	}
	if len(missing) == 0 {
		return
	}
	ids := make([]string, 0, len(missing))
	for id := range missing {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareControls)
	note.Message = "rows of capabilities that are in no loaded catalog: " + strings.Join(ids, ", ")
	p.report.Notes = append(p.report.Notes, note)
}

// builtin describes the frameworks of the published corpus.
var builtin = []kg.Framework{
	{ID: "aws", Name: "AWS", Kind: kg.CloudPlatform},
	{ID: "azure", Name: "Azure", Kind: kg.CloudPlatform},
	{ID: "cri_profile", Name: "CRI Profile", Kind: kg.ControlFramework},
	{ID: "csa_ccm", Name: "CSA Cloud Controls Matrix", Kind: kg.ControlFramework},
	{ID: "gcp", Name: "Google Cloud", Kind: kg.CloudPlatform},
	{ID: "intel-vpro", Name: "Intel vPro", Kind: kg.HardwarePlatform},
	{ID: "kev", Name: "CISA KEV", Kind: kg.VulnerabilityCatalog},
	{ID: "m365", Name: "Microsoft 365", Kind: kg.CloudPlatform},
	{ID: "nist_800_53", Name: "NIST SP 800-53", Kind: kg.ControlFramework},
	{ID: "veris", Name: "VERIS", Kind: kg.IncidentTaxonomy},
}

// describeFrameworks gives each framework that a set names its kind and name:
// from the options, else a framework file, else the published ones. A set of
// an unknown framework gets a note that says what to add.
func describeFrameworks(parts []part, given []kg.Framework) []kg.Framework {
	known := map[string]kg.Framework{}
	for _, f := range builtin {
		known[f.ID] = f
	}
	for i := range parts {
		if f := parts[i].framework; f != nil {
			known[f.ID] = *f
		}
	}
	for _, f := range given {
		known[f.ID] = f
	}
	used := map[string]kg.Framework{}
	for i := range parts {
		if parts[i].set == nil {
			continue
		}
		id := parts[i].set.Key.Framework
		f, ok := known[id]
		if !ok {
			f = kg.Framework{ID: id, Name: id, Kind: kg.ControlFramework}
			parts[i].report.Notes = append(parts[i].report.Notes, kg.Note{
				Code: "UNDESCRIBED_FRAMEWORK", Count: 1,
				Message: fmt.Sprintf("nothing describes the framework %q; taken as a control framework of that name. Put %s beside the file, with id, name and kind", id, path.Join(path.Dir(parts[i].report.Path), id+".framework.yaml")),
			})
		}
		used[id] = f
	}
	list := make([]kg.Framework, 0, len(used))
	for _, f := range used {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b kg.Framework) int { return strings.Compare(a.ID, b.ID) })
	return list
}

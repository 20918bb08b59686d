"""Opens what mapgraph exports with the libraries that others open it with.

STIX with OASIS's stix2, Navigator layers with MITRE's mitreattack-python, OSCAL
with compliance-trestle. Usage: check.py FOLDER, where each file's name begins
with the format that it was exported in.
"""

import json
import pathlib
import sys

import stix2
from mitreattack.navlayers import Layer
from trestle.oscal.profile import Profile


def check_stix(path):
    bundle = stix2.parse(path.read_text(), allow_custom=False)
    objects = {o.id: o for o in bundle.objects}
    assert len(objects) == len(bundle.objects), "an id is there twice"
    relationships = [o for o in bundle.objects if o.type == "relationship"]
    assert relationships, "no relationship"
    for r in relationships:
        ends = {r.source_ref, r.target_ref}
        techniques = {e for e in ends if e.startswith("attack-pattern--")}
        assert len(techniques) == 1, f"{r.id} ties {ends}"
        (capability,) = ends - techniques
        assert capability in objects, f"{r.id} hangs in the air"
        (extension,) = r.extensions.values()
        assert extension["mapping_set"] and extension["mapping_id"], r.id
    return f"{len(relationships)} relationships"


def check_layer(path):
    layer = Layer(init_data=None)
    layer.from_file(str(path))
    assert layer.layer is not None, "not a layer"
    written = json.loads(path.read_text())["techniques"]
    assert len(layer.layer.techniques) == len(written) and all(t["techniqueID"] for t in written)
    return f"{len(written)} techniques"


def check_oscal(path):
    profile = Profile.oscal_read(path)
    ids = [i for c in profile.imports[0].include_controls for i in c.with_ids]
    assert ids, "no controls"
    return f"{len(ids)} controls"


CHECKS = {"stix": check_stix, "navigator": check_layer, "oscal": check_oscal}


def main(folder):
    failed = 0
    seen = set()
    for path in sorted(pathlib.Path(folder).iterdir()):
        kind = path.name.split("-")[0]
        seen.add(kind)
        try:
            print(f"{path.name}: {CHECKS[kind](path)}")
        except Exception as e:  # whatever a library raises is what its users would see
            failed += 1
            print(f"{path.name}: {type(e).__name__}: {e}")
    if seen != set(CHECKS):
        failed += 1
        print(f"only {sorted(seen)} were exported")
    sys.exit(failed > 0)


main(sys.argv[1])

// Package revision says which version of Anteroom a program is.
package revision

import "runtime/debug"

// revisionLength is how much of a commit's name tells it apart.
const revisionLength = 12

// Text is the release, if one was linked in; else the commit that the program was built from, or the
// version of the module; "unknown" where the build knows neither.
func Text(release string) string {
	info, _ := debug.ReadBuildInfo()
	return text(release, info)
}

func text(release string, info *debug.BuildInfo) string {
	switch {
	case release != "":
		return release
	case info == nil:
		return "unknown"
	}
	if revision := setting(info, "vcs.revision"); revision != "" {
		changed := ""
		if setting(info, "vcs.modified") == "true" {
			changed = " with changes"
		}
		return "commit " + revision[:min(revisionLength, len(revision))] + changed
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return "unknown"
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

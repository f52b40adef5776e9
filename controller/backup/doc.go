// Package backup keeps copies of a controller that count only once they have been restored on trial.
//
// A folder of backups has a folder for each, named by its moment, and the assets of all of them, each once:
//
//	backups/
//	  lock                        makes this a folder of backups; held while one is made
//	  2026-11-22T200405Z/
//	    manifest                  every file with its size and SHA-256; written last, and only after the trial
//	    controller.key            the controller's identity: a backup is as secret as the controller
//	    store/documents.db        documents with all revisions, users, publications, heads
//	    store/counts.db           sums of what patients asked for, if there are any
//	    store/plays-2026-11.db    plays; months that did not change are one file with the backup before
//	  content/ab/abcd...          assets by digest, copied when they are missing or damaged
//
// A folder without a manifest is no backup: it was cut short, or its trial failed. A backup restores as a
// whole or not at all: one wrong byte in it is found, and the file is named. Sessions and uploads under way
// are not in it.
package backup

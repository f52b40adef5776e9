package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"anteroom/controller"
	"anteroom/controller/access/audit"
)

type auditCommands struct {
	Verify verifyCommand `cmd:"" help:"Say whether the audit log is what was written, and where it is not."`
}

type verifyCommand struct {
	Data  directory `required:"" placeholder:"DIR" help:"Directory of the controller, which may run meanwhile."`
	Noted []mark    `placeholder:"NUMBER:SUM" help:"The newest entry as an earlier run printed it; may be repeated."`
}

// errTampered gives the exit status that says so.
var errTampered = errors.New("the audit log is not what was written")

// Run verifies the log.
func (v *verifyCommand) Run(ctx context.Context, p *process) error {
	var noted []audit.Mark
	for _, m := range v.Noted {
		noted = append(noted, m.Mark)
	}
	found, err := controller.VerifyAudit(ctx, string(v.Data), noted...)
	if err != nil {
		return err
	}
	for _, r := range found.Restores {
		tell(p.stdout, "Restored %s: entries that were noted after that state are gone, and the chain goes on from it.\n", r.Note)
	}
	for _, where := range found.Broken {
		tell(p.stdout, "%s\n", where)
	}
	tell(p.stdout, "The newest of %d entries is %s\n", found.Newest.Number, found.Newest)
	if len(found.Broken) > 0 {
		return errTampered
	}
	tell(p.stdout, "The audit log is whole. Note the line before this one outside of this machine: with --noted it proves later that nothing up to there was changed.\n")
	return nil
}

// mark is a flag's value: an entry of the audit log with its sum.
type mark struct{ audit.Mark }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (m *mark) UnmarshalText(text []byte) error {
	number, sum, _ := strings.Cut(string(text), ":")
	n, err := strconv.ParseUint(number, 10, 64)
	if b, wrong := hex.DecodeString(sum); err != nil || wrong != nil || len(b) != 32 {
		return fmt.Errorf("%q is not NUMBER:SUM as controller audit verify prints it", text)
	}
	m.Mark = audit.Mark{Number: n, Sum: sum}
	return nil
}

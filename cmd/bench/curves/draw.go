package main

import (
	"bytes"
	"errors"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The picture and its words, in points.
const (
	width, height = 840, 500
	columns       = 3
	small, large  = 10, 12
)

// rises is by how much more the second point must cost for the first one's words to stand below it.
const rises = 1.2

// below sets words below a point instead of above it.
const below vgdraw.YAlignment = -1.9

// dark turns light into dark for those who have set their browser so, and keeps the hues.
const dark = "<style>@media (prefers-color-scheme: dark) { svg { filter: invert(0.92) hue-rotate(180deg) } }</style>\n"

// draw makes an SVG of the panels of which something was measured.
func draw(m measured, all []panel) ([]byte, error) {
	var plots []*plot.Plot
	for _, p := range all {
		drawn, err := p.plot(m)
		if err != nil {
			return nil, err
		}
		if drawn != nil {
			plots = append(plots, drawn)
		}
	}
	if len(plots) == 0 {
		return nil, errors.New("nothing of what is drawn was measured; is it the benchmark of costs?")
	}
	canvas := vgsvg.New(width, height)
	page := vgdraw.New(canvas)
	page.FillPolygon(color.White, []vg.Point{{}, {X: width}, {X: width, Y: height}, {Y: height}})
	rows := (len(plots) + columns - 1) / columns
	grid := make([][]*plot.Plot, rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, columns)
		copy(grid[i], plots[i*columns:])
	}
	tiles := vgdraw.Tiles{Rows: rows, Cols: columns, PadX: 22, PadY: 22, PadTop: 12, PadBottom: 10, PadLeft: 10, PadRight: 22}
	for i, row := range plot.Align(grid, tiles, page) {
		for k, place := range row {
			if grid[i][k] != nil {
				grid[i][k].Draw(place)
			}
		}
	}
	return finish(canvas)
}

// finish writes the SVG, for eyes that want it dark, too.
func finish(canvas *vgsvg.Canvas) ([]byte, error) {
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, err
	}
	head, rest, found := strings.Cut(b.String(), ">\n<g")
	if !found {
		return nil, errors.New("the picture has no beginning that is known")
	}
	return []byte(head + ">\n" + dark + "<g" + rest), nil
}

// plot is one panel; nil if nothing of it was measured.
func (p panel) plot(m measured) (*plot.Plot, error) {
	drawn := plot.New()
	drawn.Title.Text = p.title
	drawn.Title.TextStyle.Font.Size, drawn.Title.Padding = large, 8
	drawn.Title.TextStyle.Font.Variant = "Sans"
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 0xe4}, color.Gray{Y: 0xe4}
	drawn.Add(grid)
	least, most := math.Inf(1), 0.0
	for i, l := range p.lines {
		points := m[l.unit]
		for _, one := range points {
			least, most = min(least, one.cost), max(most, one.cost)
		}
		if err := p.addLine(drawn, i, points); err != nil {
			return nil, err
		}
	}
	if most == 0 {
		return nil, nil
	}
	axis(&drawn.X, 0, math.Ceil(math.Log10(m.screens())), grouped)
	// Above and below the line there is room for words.
	axis(&drawn.Y, math.Floor(math.Log10(least)-0.2), math.Ceil(math.Log10(most)+0.2), p.unit.say)
	drawn.X.Label.Text = "screens"
	drawn.X.Label.TextStyle.Font.Size, drawn.X.Label.TextStyle.Font.Variant = small, "Sans"
	return drawn, nil
}

// grouped writes a number of screens, as 10,000.
func grouped(v float64) string {
	if v < 1000 {
		return strconv.Itoa(int(v))
	}
	return fmt.Sprintf("%d,%03d", int(v)/1000, int(v)%1000)
}

// hue is the colour of a panel's i-th line.
func hue(i int) color.Color {
	return []color.Color{color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff}, color.RGBA{R: 0xb8, G: 0x52, B: 0x0a, A: 0xff}}[i]
}

// addLine draws the i-th line, with its points, its ends in figures and its name.
func (p panel) addLine(drawn *plot.Plot, i int, points []point) error {
	if len(points) == 0 {
		return nil
	}
	l, c := p.lines[i], hue(i)
	at := make(plotter.XYs, len(points))
	words := make([]string, len(points))
	for k, one := range points {
		if one.cost <= 0 {
			return errors.New(l.unit + " was measured as nothing, which a logarithm does not know")
		}
		at[k].X, at[k].Y = one.screens, one.cost
	}
	last := len(points) - 1
	words[last] = p.unit.say(points[last].cost)
	words[0] = strings.TrimSpace(l.name + " " + p.unit.say(points[0].cost))
	path, dots, err := plotter.NewLinePoints(at)
	if err != nil {
		return err
	}
	path.Color, path.Width = c, 1.6
	dots.Color, dots.Shape, dots.Radius = c, vgdraw.CircleGlyph{}, 2.6
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: at, Labels: words})
	if err != nil {
		return err
	}
	for k := range labels.TextStyle {
		style := &labels.TextStyle[k]
		style.Font.Size, style.Font.Variant, style.Color, style.YAlign = small, "Sans", c, vgdraw.YBottom
	}
	labels.Offset = vg.Point{Y: 5}
	labels.TextStyle[last].XAlign = vgdraw.XRight
	if last > 0 && points[1].cost > points[0].cost*rises { // the line would go through the words
		labels.TextStyle[0].YAlign = below
	}
	if i > 0 || last > 0 && points[last].cost < points[last-1].cost { // here another line, or the line as it comes down
		labels.TextStyle[last].YAlign = below
	}
	drawn.Add(path, dots, labels)
	return nil
}

// axis is logarithmic, from one power of ten to another, with words at each.
func axis(a *plot.Axis, from, to float64, say func(float64) string) {
	a.Scale, a.Min, a.Max = plot.LogScale{}, math.Pow(10, from), math.Pow(10, to)
	var ticks plot.ConstantTicks
	for power := from; power <= to; power++ {
		v := math.Pow(10, power)
		ticks = append(ticks, plot.Tick{Value: v, Label: say(v)})
	}
	a.Tick.Marker, a.Tick.Label.Font.Size, a.Tick.Label.Font.Variant = ticks, small, "Sans"
	a.LineStyle.Color, a.Tick.LineStyle.Color = color.Gray{Y: 0x99}, color.Gray{Y: 0x99}
}

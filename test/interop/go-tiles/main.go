// Command go-tiles checks an exported audit log with golang.org/x/mod only: the checkpoint's signature, every tile,
// every entry, and the proofs that Amana made, given as JSON on standard input.
//
// It is built from Debian's packages alone (golang-1.19-go, golang-golang-x-mod-dev):
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run . DIR VKEY < proofs.json
package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

type proofs struct {
	Records []struct {
		Index int64       `json:"index"`
		Proof []tlog.Hash `json:"proof"`
	} `json:"records"`
	Trees []struct {
		Size  int64       `json:"size"`
		Root  tlog.Hash   `json:"root"`
		Proof []tlog.Hash `json:"proof"`
	} `json:"trees"`
}

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: go-tiles DIR VKEY"))
	}
	count, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fail(err)
	}
	fmt.Printf("ok %d entries\n", count)
}

func check(dir, vkey string) (int64, error) {
	tree, err := openCheckpoint(dir, vkey)
	if err != nil {
		return 0, err
	}
	hashes := tlog.TileHashReader(tree, tiles{dir, map[string][]byte{}})
	leaves, err := readEntries(dir, tree.N)
	if err != nil {
		return 0, err
	}
	for index, leaf := range leaves {
		if err := checkRecord(tree, hashes, int64(index), leaf); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
	}
	return tree.N, checkGiven(tree, hashes, leaves)
}

// openCheckpoint verifies the signature; the text is C2SP's: origin, size, root.
func openCheckpoint(dir, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkRecord proves one entry from the tiles, which TileHashReader authenticates against the root as it reads them.
func checkRecord(tree tlog.Tree, hashes tlog.HashReader, index int64, leaf tlog.Hash) error {
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
}

// checkGiven checks the proofs that Amana made, and makes the same tree proofs from the tiles.
func checkGiven(tree tlog.Tree, hashes tlog.HashReader, leaves []tlog.Hash) error {
	var given proofs
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		return err
	}
	for _, record := range given.Records {
		leaf := leaves[record.Index]
		if err := tlog.CheckRecord(record.Proof, tree.N, tree.Hash, record.Index, leaf); err != nil {
			return fmt.Errorf("given proof of entry %d: %w", record.Index, err)
		}
	}
	for _, old := range given.Trees {
		if err := tlog.CheckTree(old.Proof, tree.N, tree.Hash, old.Size, old.Root); err != nil {
			return fmt.Errorf("given proof of size %d: %w", old.Size, err)
		}
		own, err := tlog.ProveTree(tree.N, old.Size, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(own, tree.N, tree.Hash, old.Size, old.Root); err != nil {
			return fmt.Errorf("own proof of size %d: %w", old.Size, err)
		}
	}
	return nil
}

func readEntries(dir string, size int64) ([]tlog.Hash, error) {
	var leaves []tlog.Hash
	for start := int64(0); start < size; start += tileWidth {
		width := min(size-start, tileWidth)
		path := tilePath(tlog.Tile{H: tileHeight, L: -1, N: start / tileWidth, W: int(width)})
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return nil, err
		}
		for ; width > 0; width-- {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut", path)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			leaves = append(leaves, tlog.RecordHash(data[2:end]))
			data = data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s is too long", path)
		}
	}
	return leaves, nil
}

// tiles reads tiles in C2SP's layout, which leaves the height out of the path and calls records "entries".
type tiles struct {
	dir  string
	read map[string][]byte
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		path := tilePath(tile)
		data, known := t.read[path]
		if !known {
			var err error
			if data, err = os.ReadFile(filepath.Join(t.dir, path)); err != nil {
				return nil, err
			}
			t.read[path] = data
		}
		all = append(all, data)
	}
	return all, nil
}

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "go-tiles:", err)
	os.Exit(1)
}

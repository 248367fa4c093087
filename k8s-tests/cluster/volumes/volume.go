package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The two kinds of file system differ in how they grow. XFS grows while it is mounted. ext4 could as well, but the kernel
// wants CAP_SYS_RESOURCE for it, which not every node has; unmounted it needs none. So it stands for storage that cannot
// grow while it is used.
const (
	xfs  = ".xfs"
	ext4 = ".ext4"
)

// Nothing is promised of a smaller volume. A larger one is refused, as by storage that has no more.
const (
	mebibyte = 1 << 20
	least    = 32 * mebibyte
	most     = 64 << 10 * mebibyte
)

// directory holds the files of all volumes. They are the only record of what there is: a new process finds everything again.
var directory string

// image is the file of a volume, given by the volume's id.
func image(id string) string { return filepath.Join(directory, id) }

// valid tells ids of ours from what would lead out of the directory.
func valid(id string) bool {
	kind := filepath.Ext(id)
	return id == filepath.Base(id) && (kind == xfs || kind == ext4)
}

// sizeOf returns 0 for a volume that is not there.
func sizeOf(id string) (int64, error) {
	info, err := os.Stat(image(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// format makes the file of a volume. It gets its name when it is complete, so what has the name is good.
func format(id string, size int64) error {
	unfinished := image(id) + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	file, err := os.OpenFile(unfinished, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(file.Truncate(size), file.Close()); err != nil {
		return err
	}
	if filepath.Ext(id) == xfs {
		// The release of mkfs knows these as unsupported below 300 MiB; tests fill small volumes sooner than large ones.
		// Without what serves clones, more of the volume is its user's.
		_, err = run("mkfs.xfs", "-q", "--unsupported", "-m", "reflink=0,rmapbt=0", unfinished)
	} else {
		// No blocks are kept back for root: a full volume is full for all. Blocks as on large volumes.
		_, err = run("mkfs.ext4", "-q", "-m", "0", "-b", "4096", unfinished)
	}
	if err != nil {
		return err
	}
	return os.Rename(unfinished, image(id))
}

// mountImage mounts a volume by way of a loop device that ends with the mount, however that ends: nothing is left to clean
// up, not even when the node is removed.
func mountImage(id, target string, options []string) error {
	if filepath.Ext(id) == ext4 {
		if err := growUnmounted(image(id)); err != nil {
			return err
		}
	}
	_, err := run("mount", "-t", strings.TrimPrefix(filepath.Ext(id), "."), "-o", strings.Join(append([]string{"loop"}, options...), ","), image(id), target)
	return err
}

// growUnmounted makes an ext4 as large as its file; there is nothing to do for most. It must be checked before.
func growUnmounted(file string) error {
	if _, err := run("e2fsck", "-f", "-p", file); err != nil {
		// 1: errors were corrected, for instance after a crash.
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			return err
		}
	}
	_, err := run("resize2fs", file)
	return err
}

// growMounted makes a mounted XFS as large as its file: first the loop device, then what is on it.
func growMounted(id, path string) error {
	device, err := deviceOf(id)
	if err != nil {
		return err
	}
	if device == "" {
		return fmt.Errorf("%s is not mounted", id)
	}
	if _, err := run("losetup", "--set-capacity", device); err != nil {
		return err
	}
	_, err = run("xfs_growfs", path)
	return err
}

// deviceOf returns the loop device of a volume, empty if there is none: then the volume is mounted nowhere.
func deviceOf(id string) (string, error) {
	return run("losetup", "--noheadings", "--output", "NAME", "--associated", image(id))
}

// isMounted: a volume is a file system of its own, and what is above it in the kubelet's folders is not on it.
func isMounted(path string) (bool, error) {
	var here, above unix.Stat_t
	if err := unix.Stat(path, &here); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if err := unix.Stat(filepath.Dir(path), &above); err != nil {
		return false, err
	}
	return here.Dev != above.Dev, nil
}

// unmount also removes the folder; neither needs to be there.
func unmount(path string) error {
	if err := unix.Unmount(path, 0); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeLoopDevices: the kernel makes devices as they are needed, but no one makes their files in a container.
func makeLoopDevices() error {
	const major, count = 7, 256
	for minor := range uint32(count) {
		err := unix.Mknod(fmt.Sprintf("/dev/loop%d", minor), unix.S_IFBLK|0o600, int(unix.Mkdev(major, minor)))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("mknod /dev/loop%d: %w", minor, err)
		}
	}
	return nil
}

func run(program string, arguments ...string) (string, error) {
	output, err := exec.Command(program, arguments...).CombinedOutput()
	text := strings.TrimSpace(string(output))
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", program, err, text)
	}
	return text, nil
}

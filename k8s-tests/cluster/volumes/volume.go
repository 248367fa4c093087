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

// The kinds of volumes. The two file systems differ in how they grow. XFS grows while it is mounted. ext4 could as well, but the kernel requires
// CAP_SYS_RESOURCE for it, which not every node has; unmounted, it can grow without that capability. So ext4 stands for
// storage that cannot grow while it is in use.
//
// A folder has no file system of its own and no size limit, like the volumes of many development clusters.
const (
	xfs    = ".xfs"
	ext4   = ".ext4"
	folder = ".folder"
)

// Smaller volumes are not tested. Larger ones are refused, as by storage without free space.
const (
	mebibyte = 1 << 20
	least    = 32 * mebibyte
	most     = 64 << 10 * mebibyte
)

// directory has the files of all volumes. The driver keeps no other record, so a new process finds all volumes.
var directory string

// image returns the path of the file of a volume ID. The file of a folder is empty and only has the size of the volume.
func image(id string) string { return filepath.Join(directory, id) }

// filesOf returns the path of the folder of a volume ID.
func filesOf(id string) string { return image(id) + ".files" }

// valid accepts only IDs of this driver, so that an ID cannot lead out of the directory.
func valid(id string) bool {
	kind := filepath.Ext(id)
	return id == filepath.Base(id) && (kind == xfs || kind == ext4 || kind == folder)
}

// sizeOf returns 0 for a volume that does not exist.
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

// format creates the file of a volume and renames it when it is complete, so that a file with the final name is valid.
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
	switch filepath.Ext(id) {
	case folder:
		err = makeFolder(filesOf(id))
	case xfs:
		// mkfs.xfs does not support less than 300 MiB, but tests fill small volumes sooner than large ones.
		// Without reflink and rmapbt, more of the volume is available to the user.
		_, err = run("mkfs.xfs", "-q", "--unsupported", "-m", "reflink=0,rmapbt=0", unfinished)
	default:
		// No blocks are reserved for root: a full volume is full for all users. The block size is that of large volumes.
		_, err = run("mkfs.ext4", "-q", "-m", "0", "-b", "4096", unfinished)
	}
	if err != nil {
		return err
	}
	return os.Rename(unfinished, image(id))
}

// makeFolder creates an empty folder that any user can use.
func makeFolder(path string) error {
	if err := errors.Join(os.RemoveAll(path), os.Mkdir(path, 0o700)); err != nil {
		return err
	}
	return os.Chmod(path, 0o777)
}

// mountImage mounts a volume: a folder by a bind mount, any other through a loop device that is released with the mount in
// all cases: there is nothing to clean up, even if the node is removed.
func mountImage(id, target string, options []string) error {
	if filepath.Ext(id) == folder {
		return unix.Mount(filesOf(id), target, "", unix.MS_BIND, "")
	}
	if filepath.Ext(id) == ext4 {
		if err := growUnmounted(image(id)); err != nil {
			return err
		}
	}
	_, err := run("mount", "-t", strings.TrimPrefix(filepath.Ext(id), "."), "-o", strings.Join(append([]string{"loop"}, options...), ","), image(id), target)
	return err
}

// growUnmounted grows an ext4 to the size of its file; usually there is nothing to do. It must be checked first.
func growUnmounted(file string) error {
	if _, err := run("e2fsck", "-f", "-p", file); err != nil {
		// Exit code 1: errors were corrected, for example after a crash.
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
			return err
		}
	}
	_, err := run("resize2fs", file)
	return err
}

// growMounted grows a mounted XFS to the size of its file: first the loop device, then the file system.
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

// deviceOf returns the loop device of a volume, or an empty string if the volume is not mounted.
func deviceOf(id string) (string, error) {
	return run("losetup", "--noheadings", "--output", "NAME", "--associated", image(id))
}

// isMounted returns whether something is mounted exactly there.
func isMounted(path string) (bool, error) {
	var found unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_TYPE, &found)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return found.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, err
}

// unmount also removes the folder. It is no error if the mount or the folder does not exist.
func unmount(path string) error {
	if err := unix.Unmount(path, 0); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// makeLoopDevices creates the device files: the kernel creates the devices on demand, but in a container no files for them.
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

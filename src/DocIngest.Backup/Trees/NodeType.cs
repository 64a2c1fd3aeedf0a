using DocIngest.Backup.Encoding;

namespace DocIngest.Backup.Trees;

/// <summary>What kind of thing a node is (restic-format 9.1, field 2).</summary>
public enum NodeType
{
    /// <summary>A word this program does not know. Read and reported, never written.</summary>
    Unknown,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A device of blocks.</summary>
    Device,

    /// <summary>A device of characters.</summary>
    CharDevice,

    /// <summary>A named pipe.</summary>
    Fifo,

    /// <summary>A socket. Never backed up: the program that listens on it makes it anew.</summary>
    Socket,
}

/// <summary>The words and mode bits of node types.</summary>
internal static class NodeTypes
{
    /// <summary>The word in a tree; empty for <see cref="NodeType.Unknown"/>.</summary>
    internal static ReadOnlySpan<byte> Word(this NodeType type) => type switch
    {
        NodeType.File => "file"u8,
        NodeType.Directory => "dir"u8,
        NodeType.Symlink => "symlink"u8,
        NodeType.Device => "dev"u8,
        NodeType.CharDevice => "chardev"u8,
        NodeType.Fifo => "fifo"u8,
        NodeType.Socket => "socket"u8,
        _ => [],
    };

    internal static NodeType FromWord(ReadOnlySpan<byte> word)
    {
        for (var type = NodeType.File; type <= NodeType.Socket; type++)
        {
            if (word.SequenceEqual(type.Word()))
                return type;
        }

        return NodeType.Unknown;
    }

    /// <summary>The bits that a mode of this type has.</summary>
    internal static uint ModeKind(this NodeType type) => type switch
    {
        NodeType.Directory => GoFileMode.Directory,
        NodeType.Symlink => GoFileMode.Symlink,
        NodeType.Device => GoFileMode.Device,
        NodeType.CharDevice => GoFileMode.Device | GoFileMode.CharDevice,
        NodeType.Fifo => GoFileMode.Fifo,
        NodeType.Socket => GoFileMode.Socket,
        _ => 0,
    };

    /// <summary>The type that a mode tells; <see cref="NodeType.Unknown"/> for an irregular one.</summary>
    internal static NodeType FromMode(GoFileMode mode)
    {
        for (var type = NodeType.File; type <= NodeType.Socket; type++)
        {
            if (type.ModeKind() == mode.Kind)
                return type;
        }

        return NodeType.Unknown;
    }
}

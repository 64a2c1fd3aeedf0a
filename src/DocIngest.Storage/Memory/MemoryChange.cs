namespace DocIngest.Storage;

/// <summary>One change to a volume, in terms of inodes, so that it can be applied to an image that lacks the changes before it.</summary>
internal abstract record MemoryChange
{
    private MemoryChange()
    {
    }

    /// <summary>Whether it is content, which a disk can keep in part, or a change of names, which is kept whole or lost.</summary>
    internal virtual bool IsData => false;

    internal abstract void ApplyTo(MemoryImage image, ChangeFate fate);

    /// <summary>A new inode got its name, or one was renamed, over another where there was one: one step.</summary>
    internal sealed record Named(long Number, EntryKind Kind, long Parent, string Name) : MemoryChange
    {
        internal override void ApplyTo(MemoryImage image, ChangeFate fate) => image.Name(image.Get(Number, Kind), Parent, Name);
    }

    /// <summary>A name was deleted. A folder that still holds something in the image stays: its entries' changes go first on every file system we know.</summary>
    internal sealed record Deleted(long Number) : MemoryChange
    {
        internal override void ApplyTo(MemoryImage image, ChangeFate fate)
        {
            if (image.TryGet(Number) is { Children.Count: 0 } inode)
                MemoryImage.Unname(inode);
        }
    }

    internal sealed record Written(long Number, long Offset, ReadOnlyMemory<byte> Bytes, long Time) : MemoryChange
    {
        internal override bool IsData => true;

        internal override void ApplyTo(MemoryImage image, ChangeFate fate)
        {
            var inode = image.Get(Number, EntryKind.File);
            inode.WriteTime = Time;
            inode.Content = inode.Content.With(Offset, fate switch
            {
                ChangeFate.Zeroed => new byte[Bytes.Length],
                ChangeFate.Torn => Bytes.Span[..(Bytes.Length / 2)],
                _ => Bytes.Span,
            });
        }
    }

    internal sealed record Cut(long Number, long SizeBytes, long Time) : MemoryChange
    {
        internal override void ApplyTo(MemoryImage image, ChangeFate fate)
        {
            var inode = image.Get(Number, EntryKind.File);
            inode.WriteTime = Time;
            inode.Content = inode.Content.First(SizeBytes);
        }
    }
}

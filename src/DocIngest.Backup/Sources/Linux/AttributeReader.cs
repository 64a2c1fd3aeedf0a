using System.Buffers;
using System.Globalization;
using DocIngest.Backup.Trees;
using Microsoft.Win32.SafeHandles;

namespace DocIngest.Backup.Sources.Linux;

/// <summary>Reads extended attributes: of an open file, or of an entry of an open folder without opening it.</summary>
internal readonly struct AttributeReader
{
    private const int Enough = 4096;
    private const int Attempts = 8;   // values may change while they are read

    private readonly SafeFileHandle? _file;
    private readonly byte[]? _path;

    internal AttributeReader(SafeFileHandle file) => _file = file;

    /// <remarks>
    /// No kernel in use has a call that takes folder and name, so the folder is named by its handle. The last element is not
    /// followed; what stands before it is the folder that is open, wherever it was moved.
    /// </remarks>
    /// <param name="folder">Must stay open.</param>
    /// <param name="name">Zero-terminated.</param>
    internal AttributeReader(SafeFileHandle folder, ReadOnlySpan<byte> name)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder.DangerousGetHandle()}/");
        _path = [.. System.Text.Encoding.ASCII.GetBytes(prefix), .. name];
    }

    /// <summary>All attributes in the order of the system. Those that cannot be read are left out, and the first reason told.</summary>
    internal List<ExtendedAttribute> Read(out int error)
    {
        var attributes = new List<ExtendedAttribute>();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Enough);
        try
        {
            int length = Grow(ref buffer, name: [], out error);
            if (length < 0)
            {
                // A file system without attributes has none.
                error = error == Errno.EOPNOTSUPP ? 0 : error;
                return attributes;
            }

            byte[] names = buffer.AsSpan(0, length).ToArray();
            foreach (var range in names.AsSpan().Split((byte)0))
                ReadOne(names.AsSpan(range), ref buffer, attributes, ref error);
            return attributes;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void ReadOne(ReadOnlySpan<byte> name, ref byte[] buffer, List<ExtendedAttribute> attributes, ref int error)
    {
        if (name.IsEmpty)
            return;   // behind the last name
        int length = Grow(ref buffer, [.. name, 0], out int failure);
        if (length >= 0)
            attributes.Add(new ExtendedAttribute(System.Text.Encoding.UTF8.GetString(name), buffer.AsSpan(0, length).ToArray()));
        else if (error == 0 && failure != Errno.ENODATA)
            error = failure;   // ENODATA: it was removed since the list was made
    }

    /// <summary>Reads the list of names, or one value, with as much room as it takes.</summary>
    /// <returns>The length, or -1 with the reason.</returns>
    private int Grow(ref byte[] buffer, ReadOnlySpan<byte> name, out int error)
    {
        error = 0;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            nint length = Call(name, buffer);
            if (length >= 0)
                return (int)length;
            error = LinuxError.Last;
            if (error != Errno.ERANGE)
                return -1;

            // The kernel allows 64 KiB; only it knows whether a file system allows more.
            length = Call(name, []);
            if (length < 0)
            {
                error = LinuxError.Last;
                return -1;
            }

            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(Math.Max((int)length, Enough));
        }

        return -1;
    }

    private nint Call(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        nuint size = (nuint)buffer.Length;
        if (_file is { } file)
            return name.IsEmpty ? LibC.ListAttributes(file, buffer, size) : LibC.GetAttribute(file, name, buffer, size);
        return name.IsEmpty ? LibC.ListAttributes(_path, buffer, size) : LibC.GetAttribute(_path, name, buffer, size);
    }
}

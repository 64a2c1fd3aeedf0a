using DocIngest.Storage;

namespace DocIngest.Archive;

/// <summary>A copy of an object, from a backup: nothing in it is believed before its digest was compared.</summary>
/// <param name="Folder">The folder that it is in.</param>
/// <param name="Path">The object root in it.</param>
public sealed record ObjectCopy(IDurableFolder Folder, string Path);

/// <summary>What mending an object came to.</summary>
/// <param name="Files">What was put back, in the order of their paths.</param>
/// <param name="Lacking">Paths, relative to the object, of which no copy has the right bytes: they stay as they are. The inventory alone, where nobody can say what the object must hold.</param>
public sealed record MendReport(IReadOnlyList<MendedFile> Files, IReadOnlyList<string> Lacking);

/// <summary>A file that was put back.</summary>
/// <param name="Path">Relative to the object.</param>
/// <param name="Bytes">Its length, as it is now.</param>
/// <param name="Digest">Its digest, as it is now.</param>
/// <param name="Damage">What it was like before; null where it was missing.</param>
public sealed record MendedFile(string Path, long Bytes, Sha512Digest Digest, FileDamage? Damage);

/// <summary>How a damaged file differed from what it must be: tells failing disks from hands.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="FirstDifference">Place of the first byte that differs, from 0.</param>
/// <param name="DifferingBytes">How many differ, those beyond the shorter one's end among them.</param>
public sealed record FileDamage(Sha512Digest Digest, long Bytes, long FirstDifference, long DifferingBytes);

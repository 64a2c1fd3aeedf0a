namespace DocIngest.Storage;

/// <summary>What locks may be called: names that every file system takes.</summary>
internal static class LockName
{
    internal static void Check(string name)
    {
        if (name.Length is 0 or > 100 || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            throw new ArgumentException("A lock name holds 1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-', the first no dot.", nameof(name));
    }
}

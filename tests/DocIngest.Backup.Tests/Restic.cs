using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DocIngest.TestKit;

namespace DocIngest.Backup.Tests;

/// <summary>
/// The real restic on a repository of its own. Its key costs nothing to derive (N = 2), since tests call restic often: such a
/// repository opens in a quarter of a second instead of one.
/// </summary>
internal sealed class Restic : IDisposable
{
    public const string Password = "test";

    /// <summary>What the repository cuts files by.</summary>
    public const ulong Polynomial = 0x3da3358b4dc173;

    private const string Key =
        """{"created":"2024-01-01T00:00:00Z","username":"","hostname":"","kdf":"scrypt","N":2,"r":1,"p":1,"salt":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==","data":"AQIDBAUGBwgJCgsMDQ4PEP0s2hgzeT8V7sQwibLZYsUnJpU9dMwfBAzHn8gcRDbMWLMg9l5HrjYmLDQF3yzkppeKoYurfUhJLwHt4KTdIzGQHxlfBLMc20Xah7Mk/N8zTMquks7ySDy/sHwOcUYElrgKKNs00oe+AlT2qSknIefkoJ8uxgWRKwfJ7A5ssTZuouF24V8eJMvD7/C3DUxB3A=="}""";

    private const string Config =
        "AgMEBQYHCAkKCwwNDg8QEbokQhadMvrzfeL/Tt116hzBfYs+yRsnj50a/Dc4uo/aZVZru314CdZUIz3VVb4XbiNVeNof6NpGM15E43Y3l86VL3iRF3CXvelfTTmuqXSEN8ZGFnitPEhX6ZcsIx0XmVGf1W5oYkDeDh0n24BGrgRKYLCCL10/OC+bWVoofKngSD3jnJLDZX4svWE=";

    private readonly TempFolder _temp;

    /// <summary>Skips the test where there is no restic, unless <c>DOCINGEST_REQUIRE</c> names it.</summary>
    public Restic()
    {
        Needs.Tool("restic");
        _temp = new TempFolder(inMemory: true);
        Repository = _temp.Folder("repository");
        foreach (string folder in new[] { "keys", "data", "index", "snapshots", "locks" })
            Directory.CreateDirectory(Path.Combine(Repository, folder));
        byte[] key = System.Text.Encoding.ASCII.GetBytes(Key);
        File.WriteAllBytes(Path.Combine(Repository, "keys", FileId.Of(key).ToString()), key);
        File.WriteAllBytes(Path.Combine(Repository, "config"), Convert.FromBase64String(Config));
        Version = Version.Parse(System.Text.Encoding.UTF8.GetString(Run("version")).Split(' ')[1].Split('-')[0]);
    }

    /// <summary>The folder of the repository.</summary>
    public string Repository { get; }

    /// <summary>Of the program.</summary>
    public Version Version { get; }

    public void Dispose() => _temp.Dispose();

    /// <summary>Runs a command in UTC.</summary>
    /// <returns>What it prints.</returns>
    public byte[] Run(params string[] arguments) => RunIn("UTC", arguments);

    /// <summary>Runs a command in a time zone, by its name in the zone database.</summary>
    public byte[] RunIn(string timeZone, params string[] arguments)
    {
        var start = ResticProgram.Describe(Repository, Password, arguments);
        start.Environment["TZ"] = timeZone;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("restic does not start.");
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.ToArray()
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"restic {string.Join(' ', arguments)}: exit {process.ExitCode}\n{errors}"));
    }

    /// <summary>Runs a command and reads the JSON that it prints.</summary>
    public JsonElement Json(params string[] arguments)
    {
        using var json = JsonDocument.Parse(Run(["--json", .. arguments]));
        return json.RootElement.Clone();
    }

    /// <summary>The bytes of a blob.</summary>
    public byte[] Blob(string id) => Run("cat", "blob", id);
}

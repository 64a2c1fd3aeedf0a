using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using DocIngest.Worker.CommandLine;

namespace DocIngest.Worker.Backups;

/// <summary>Where a password is. Closed: only the cases below exist. No message ever holds what was given: it may be a password by mistake.</summary>
internal abstract record PasswordReference
{
    private const string CredentialsVariable = "CREDENTIALS_DIRECTORY";   // systemd's

    private PasswordReference() { }

    /// <summary>What a reference may be, for messages.</summary>
    public static string Forms => "file:PATH, env:NAME, command:PROGRAM ARGUMENTS or credential:NAME";

    /// <summary>Reads a reference of the configuration.</summary>
    /// <param name="text">As it stands there.</param>
    /// <param name="dataFolder">Absolute; paths are relative to it.</param>
    public static bool TryParse(string text, string dataFolder, [NotNullWhen(true)] out PasswordReference? reference)
    {
        int colon = text.IndexOf(':');
        string rest = text[(colon + 1)..];
        reference = (colon < 0 ? "" : text[..colon], rest) switch
        {
            (_, "") => null,
            (_, _) when rest.Contains('\0') => null,
            ("file", _) => new InFile(Path.GetFullPath(rest, dataFolder)),
            ("env", _) => new InVariable(rest),
            ("command", _) => CommandWords.Split(rest) is { } words ? new FromProgram(words) : null,
            ("credential", _) => rest.AsSpan().ContainsAny('/', '\\') || rest is "." or ".." ? null : new Credential(rest),
            _ => null,
        };
        return reference is not null;
    }

    /// <summary>The password.</summary>
    /// <exception cref="CommandException">There is none to be had, or an empty one; exit 2, or 6 where a retry may help.</exception>
    public async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        byte[] password = await ReadRawAsync(cancellation);
        return password.Length > 0 ? password : throw new CommandException(ExitCode.Usage, $"The password {Whence} is empty.");
    }

    /// <summary>"in the file …", for messages.</summary>
    protected abstract string Whence { get; }

    protected abstract Task<byte[]> ReadRawAsync(CancellationToken cancellation);

    /// <summary>A file, of which byte order mark and surrounding white space are no part of the password.</summary>
    /// <param name="Path">Absolute.</param>
    internal sealed record InFile(string Path) : PasswordReference
    {
        protected override string Whence => $"in the file {Path}";

        protected override async Task<byte[]> ReadRawAsync(CancellationToken cancellation)
        {
            try
            {
                await using var file = File.OpenRead(Path);
                return PasswordText.Of(await ReadAtMostAsync(file, Whence, cancellation));
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new CommandException(ExitCode.Usage, $"There is no password file {Path}.");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new CommandException(ExitCode.EnvironmentFailed, $"The password file {Path} cannot be read by {Environment.UserName}: {error.Message}");
            }
        }
    }

    /// <summary>A variable of the environment, taken as it is.</summary>
    internal sealed record InVariable(string Name) : PasswordReference
    {
        protected override string Whence => $"in the variable {Name}";

        protected override Task<byte[]> ReadRawAsync(CancellationToken cancellation) => Task.FromResult(Encoding.UTF8.GetBytes(
            Environment.GetEnvironmentVariable(Name)
            ?? throw new CommandException(ExitCode.Usage, $"The variable {Name}, which should hold the password, is not set.")));
    }

    /// <summary>What a program prints.</summary>
    /// <param name="Words">The program and its arguments.</param>
    internal sealed record FromProgram(string[] Words) : PasswordReference
    {
        protected override string Whence => $"that {Words[0]} prints";

        protected override async Task<byte[]> ReadRawAsync(CancellationToken cancellation)
        {
            using var program = Start();
            try
            {
                byte[] printed = await ReadAtMostAsync(program.StandardOutput.BaseStream, Whence, cancellation);
                await program.WaitForExitAsync(cancellation);
                return program.ExitCode == 0
                    ? PasswordText.Of(printed)
                    : throw new CommandException(ExitCode.EnvironmentFailed, $"The password program {Words[0]} ended with exit code {program.ExitCode}.");
            }
            finally
            {
                if (!program.HasExited)
                {
                    program.Kill(entireProcessTree: true);
                }
            }
        }

        // Its standard input and error are ours: it may have to ask a person.
        private Process Start()
        {
            try
            {
                return Process.Start(new ProcessStartInfo(Words[0], Words[1..]) { UseShellExecute = false, RedirectStandardOutput = true })
                    ?? throw new InvalidOperationException("A program that is no document is always a new process.");
            }
            catch (Win32Exception error)
            {
                throw new CommandException(ExitCode.Usage, $"The password program {Words[0]} cannot be started: {error.Message}");
            }
        }
    }

    /// <summary>A credential that systemd hands to the service (<c>LoadCredential=</c>).</summary>
    internal sealed record Credential(string Name) : PasswordReference
    {
        protected override string Whence => $"in the credential {Name}";

        protected override Task<byte[]> ReadRawAsync(CancellationToken cancellation)
        {
            string folder = Environment.GetEnvironmentVariable(CredentialsVariable)
                ?? throw new CommandException(
                    ExitCode.Usage, $"There are no credentials here ({CredentialsVariable} is not set): systemd hands them to the service only.");
            return new InFile(Path.Combine(folder, Name)).ReadRawAsync(cancellation);
        }
    }

    private static async Task<byte[]> ReadAtMostAsync(Stream from, string whence, CancellationToken cancellation)
    {
        byte[] content = new byte[PasswordText.MaxBytes + 1];
        int length = await from.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation);
        return length <= PasswordText.MaxBytes
            ? content[..length]
            : throw new CommandException(ExitCode.Usage, $"The password {whence} has more than {PasswordText.MaxBytes / 1024} KiB: that is no password.");
    }
}

using System.Numerics;

namespace DocIngest.Backup.Crypto;

/// <summary>What guessing a password costs.</summary>
/// <param name="N">Rounds: a power of two above 1.</param>
/// <param name="R">Block size; memory is 128 * N * R bytes.</param>
/// <param name="P">How often all of it is done.</param>
public readonly record struct ScryptParameters(long N, long R, long P)
{
    /// <summary>32 MiB, about 60 ms: for passwords of 128 random bits or more, which nobody guesses.</summary>
    public static ScryptParameters ForGeneratedPasswords => new(1 << 15, 8, 1);

    private const int Measurements = 3;   // the shortest counts: a busy machine makes the others longer, and would make passwords cheaper to guess
    private const int MostParallel = 1024;   // a minute of guessing a guess: far beyond what calibration gives

    internal long MemoryBytes => 128 * N * R;

    /// <summary>Whether restic would run them, which keeps the memory at 1 GiB for R = 8 (restic-format 3.2).</summary>
    internal bool AreAllowed
    {
        get
        {
            const long Limit = int.MaxValue;
            return N is > 1 and <= Limit && BitOperations.IsPow2(N) && R is >= 1 and <= Limit / 256 && P is >= 1 and <= Limit
                && R * P < 1 << 30 && R <= Limit / 128 / P && N <= Limit / 128 / R;
        }
    }

    /// <summary>For passwords that people think up: as much as this machine does in <paramref name="time"/>, and never less than for generated ones.</summary>
    public static ScryptParameters Calibrate(TimeSpan time, TimeProvider clock)
    {
        Span<byte> derived = stackalloc byte[MasterKey.SizeBytes];
        Span<byte> salt = stackalloc byte[Scrypt.SaltBytes];
        salt.Clear();
        var once = TimeSpan.MaxValue;
        for (int measured = 0; measured < Measurements; measured++)
        {
            long start = clock.GetTimestamp();
            Scrypt.Derive("calibration"u8, salt, ForGeneratedPasswords, derived);
            var elapsed = clock.GetElapsedTime(start);
            once = elapsed < once ? elapsed : once;
        }

        double times = once > TimeSpan.Zero ? time / once : 1;
        return ForGeneratedPasswords with { P = (long)Math.Clamp(times, 1, MostParallel) };
    }
}

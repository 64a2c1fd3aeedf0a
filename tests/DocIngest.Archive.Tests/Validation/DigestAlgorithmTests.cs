using System.Text;
using CsCheck;
using DocIngest.Archive.Validation;

namespace DocIngest.Archive.Tests.Validation;

/// <summary>Digests against published values: RFC 7693 (appendix A), FIPS 180-4, extension 0009, and b2sum of coreutils.</summary>
public sealed class DigestAlgorithmTests
{
    [Theory]
    [InlineData("md5", "", "d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha512", "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    [InlineData("blake2b-512", "abc", "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")]
    [InlineData("blake2b-512", "", "786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419d25e1031afee585313896444934eb04b903a685b1448b755d56f701afe9be2ce")]
    [InlineData("blake2b-160", "", "3345524abf6bbe1809449224b5972c41790b6cf2")]
    [InlineData("blake2b-256", "", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")]
    [InlineData("blake2b-384", "", "b32811423377f52d7862286ee1a72ee540524380fda1724a6f25d7978c6fd3244a6caf0498812673c5e05ef583825100")]
    [InlineData("sha512/256", "", "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a")]
    [InlineData("sha512/256", "abc", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23")]
    [InlineData("size", "", "0")]
    [InlineData("size", "abc", "3")]
    public void A_digest_is_the_published_one(string algorithm, string content, string digest) =>
        Assert.Equal(digest, DigestAlgorithm.Named(algorithm)?.Of(Encoding.ASCII.GetBytes(content)));

    [Theory]
    [InlineData("md5")]
    [InlineData("sha1")]
    [InlineData("sha256")]
    [InlineData("sha512")]
    [InlineData("blake2b-512")]
    [InlineData("blake2b-160")]
    [InlineData("blake2b-256")]
    [InlineData("blake2b-384")]
    [InlineData("sha512/256")]
    [InlineData("size")]
    public void However_content_comes_in_blocks_its_digest_is_the_same(string name)
    {
        var algorithm = DigestAlgorithm.Named(name)!;   // all are known
        Gen.Byte.Array[0, 1000].SelectMany(content => Gen.Int[0, content.Length].Array[0, 8].Select(cuts => (content, cuts))).Sample(sample =>
        {
            using var running = algorithm.Start();
            int from = 0;
            foreach (int cut in sample.cuts.Order().Append(sample.content.Length))
            {
                running.Append(sample.content.AsSpan(from, cut - from));
                from = cut;
            }

            string digest = running.Finish();
            return digest == algorithm.Of(sample.content) && algorithm.IsWellFormed(digest) && algorithm.IsWellFormed(digest.ToUpperInvariant());
        }, iter: 200);
    }

    [Theory]
    [InlineData("sha512", "abc")]
    [InlineData("sha1", "g9993e364706816aba3e25717850c26c9cd0d89d")]
    [InlineData("size", "")]
    [InlineData("size", "-1")]
    public void What_is_no_digest_is_told_apart(string algorithm, string text) => Assert.False(DigestAlgorithm.Named(algorithm)?.IsWellFormed(text));

    [Theory]
    [InlineData("SHA512")]
    [InlineData("sha-512")]
    [InlineData("crc32")]
    [InlineData("")]
    public void Names_outside_the_vocabulary_are_not_known(string name) => Assert.Null(DigestAlgorithm.Named(name));
}
